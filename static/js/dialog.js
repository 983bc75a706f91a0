// Asks before something that cannot be undone: forms with `data-confirm`, and htmx requests with `hx-confirm`.
// `data-confirm` is the question, `data-confirm-detail` a sentence more, `data-confirm-label` the word on the button.

const dialog = document.getElementById("confirm-dialog");

/** Show the question; resolves to whether the reader agreed. */
function ask(question, { detail = "", label = "" } = {}) {
  dialog.querySelector("h2").textContent = question;
  const more = dialog.querySelector("[data-detail]");
  more.textContent = detail;
  more.hidden = !detail;
  const button = dialog.querySelector("[data-label]");
  button.textContent = label || button.dataset.default;
  dialog.returnValue = "cancel";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "confirm"), { once: true });
  });
}

function wording(element) {
  return { detail: element.dataset.confirmDetail, label: element.dataset.confirmLabel };
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const source = event.submitter?.dataset.confirm ? event.submitter : form;
  if (!source.dataset.confirm || form.dataset.confirmed || usesHtmx(form)) return;
  event.preventDefault();
  if (!(await ask(source.dataset.confirm, wording(source)))) return;
  form.dataset.confirmed = "yes";
  form.requestSubmit(event.submitter);
  delete form.dataset.confirmed;
});

function usesHtmx(form) {
  return form.hasAttribute("hx-post") || form.hasAttribute("hx-delete");
}

document.addEventListener("htmx:confirm", async (event) => {
  const { question, elt, issueRequest } = event.detail;
  if (!question) return;
  event.preventDefault();
  if (await ask(question, wording(elt))) issueRequest(true);
});

// A table that asks for itself every two seconds must not take away, while the question stands, the form it is about.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (dialog.open && event.detail.requestConfig.verb === "get") event.preventDefault();
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (dialog.open) event.detail.shouldSwap = false;
});
