// Makes a panel behave as a sheet on a phone: the backdrop closes it, so does pulling it down by its head, and the keyboard stays
// inside while it is open. On a wider screen the panel stands beside the page and nothing of this holds.

const FAR = 80;
const narrow = window.matchMedia("(width < 48rem)");

/** Return what opens and closes the manners of a sheet on `panel`; `dismiss` is called when the reader wants it gone. */
export function asSheet(panel, backdrop, dismiss) {
  backdrop.addEventListener("click", dismiss);
  panel.addEventListener("keydown", (event) => narrow.matches && event.key === "Tab" && stayInside(panel, event));
  pullable(panel, dismiss);
  const update = () => {
    const open = !panel.hidden && narrow.matches;
    backdrop.hidden = !open;
    if (open) setModal(panel);
    else unsetModal(panel);
  };
  narrow.addEventListener("change", update);
  return { open: update, close: update };
}

function setModal(panel) {
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-modal", "true");
}

function unsetModal(panel) {
  panel.removeAttribute("role");
  panel.removeAttribute("aria-modal");
}

function stayInside(panel, event) {
  const stops = [...panel.querySelectorAll("a[href], button:not(:disabled), [tabindex='0']")].filter((stop) => stop.checkVisibility());
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (document.activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0]).focus();
}

function pullable(panel, dismiss) {
  const head = panel.querySelector("header");
  let from = null;
  head.addEventListener("touchstart", (event) => (from = narrow.matches ? event.touches[0].clientY : null), { passive: true });
  head.addEventListener(
    "touchmove",
    (event) => {
      if (from !== null) panel.style.translate = `0 ${Math.max(0, event.touches[0].clientY - from)}px`;
    },
    { passive: true },
  );
  head.addEventListener("touchend", (event) => {
    panel.style.translate = "";
    if (from !== null && event.changedTouches[0].clientY - from > FAR) dismiss();
    from = null;
  });
}
