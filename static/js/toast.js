// Short notes in the corner: those of the server, and those about requests that failed. Errors stay until dismissed.

const STAY = 6000;
const toasts = document.getElementById("toasts");
const template = document.getElementById("toast-template");

/** Show `text` in the corner; `kind` is "success" or "error". */
export function toast(text, kind = "success") {
  const item = template.content.firstElementChild.cloneNode(true);
  item.dataset.toast = kind;
  item.querySelector(`[data-kind="${kind}"]`).hidden = false;
  item.querySelector("p").textContent = text;
  toasts.append(item);
  leaveLater(item);
}

function leaveLater(item) {
  if (["error", "warning"].includes(item.dataset.toast)) return;
  setTimeout(() => item.remove(), STAY);
}

function reason(status) {
  const said = toasts.dataset;
  return { 403: said.forbidden, 404: said.gone }[status] ?? said.failed;
}

toasts.addEventListener("click", (event) => {
  if (event.target.closest("[data-dismiss]")) event.target.closest(".toast-item").remove();
});
document.addEventListener("htmx:responseError", (event) => toast(reason(event.detail.xhr.status), "error"));
document.addEventListener("htmx:sendError", (event) => {
  // A poll that finds nobody tries again by itself.
  if (event.detail.requestConfig?.verb !== "get") toast(toasts.dataset.unreachable, "error");
});
for (const item of toasts.children) leaveLater(item);
