// Buttons that copy: `data-copy` names the element whose text is taken, `data-copied` is what the button then says.

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await copy(document.querySelector(button.dataset.copy).textContent.trim());
  confirmOn(button);
});

/** Put `text` on the clipboard. Plain http on a local network has no clipboard API, hence the older way. */
export async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "sr-only";
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

/** Say on `button` for a moment that it has been done. */
export function confirmOn(button) {
  button.dataset.done = "yes";
  const label = button.getAttribute("aria-label");
  if (button.dataset.copied) button.setAttribute("aria-label", button.dataset.copied);
  setTimeout(() => {
    delete button.dataset.done;
    if (label) button.setAttribute("aria-label", label);
  }, 1600);
}
