// Keeps the end of a growing page in view, but only while the reader is there: scrolling up lets go, coming back takes hold again.

const NEAR = 96;

function room() {
  const page = document.scrollingElement;
  return page.scrollHeight - window.innerHeight - page.scrollTop;
}

/** Follow `content` as it grows; `button` brings the reader back to the end. */
export function follow(content, button) {
  let following = true;
  const toEnd = () => document.scrollingElement.scrollTo({ top: document.scrollingElement.scrollHeight, behavior: "instant" });
  const update = () => {
    following = room() < NEAR;
    button.hidden = following;
  };

  window.addEventListener("scroll", update, { passive: true });
  new ResizeObserver(() => (following ? toEnd() : update())).observe(content);
  button.addEventListener("click", () => {
    following = true;
    toEnd();
  });
  return {
    /** Go to the end and stay there: the reader has just asked. */
    engage() {
      following = true;
      toEnd();
    },
  };
}
