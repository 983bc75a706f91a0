// Choosing documents in the list and what is done to them at once, and when the table asks for itself anew. The boxes, the bar and
// its buttons work without this script; it counts, chooses ranges, and asks before deleting.

const form = document.getElementById("bulk");
const plural = new Intl.PluralRules(document.documentElement.lang || "en");
let last = null; // The box ticked before, from which a range begins.
let moreReasons = false; // Whether all reasons of failure are shown; a table that comes anew shows them, too.

form.elements.confirmed.value = "1"; // Here the question is asked by dialog.js.

let stale = false; // Whether something has changed while the table was asking: the answer may not know of it.

/** Have the table ask for itself, now or when it has been answered: what htmx would queue goes with the old table. */
function refresh() {
  const table = document.getElementById("document-table");
  stale = table.classList.contains("htmx-request");
  if (!stale) htmx.trigger(table, "refresh");
}

function boxes() {
  return [...document.querySelectorAll("#document-table .pick")];
}

/** Say `number` in the words that the form has for `what`. */
function counted(what, number) {
  const one = plural.select(number) === "one";
  return form.dataset[what + (one ? "One" : "Other")].replace("{n}", number.toLocaleString(document.documentElement.lang));
}

function update() {
  const bar = document.getElementById("bulk-bar");
  if (!bar) return;
  const all = boxes();
  const chosen = all.filter((box) => box.checked).length;
  const everywhere = document.getElementById("bulk-all");
  if (everywhere && !chosen) everywhere.checked = false;
  const number = everywhere?.checked ? Number(bar.dataset.total) : chosen;
  document.getElementById("bulk-count").textContent = number ? counted("chosen", number) : "";
  document.getElementById("bulk-delete").dataset.confirm = counted("delete", number);
  const every = document.getElementById("pick-all");
  every.hidden = false;
  every.checked = chosen > 0 && chosen === all.length;
  every.indeterminate = chosen > 0 && chosen < all.length;
}

function chooseRange(box) {
  const all = boxes();
  const [from, to] = [all.findIndex((other) => other.id === last), all.indexOf(box)].sort((a, b) => a - b);
  if (from >= 0) for (const other of all.slice(from, to + 1)) other.checked = box.checked;
}

document.addEventListener("click", (event) => {
  const box = event.target.closest?.("#document-table .pick");
  if (!box) return;
  if (event.shiftKey) chooseRange(box);
  last = box.id;
});

document.addEventListener("change", (event) => {
  if (event.target.id === "pick-all") for (const box of boxes()) box.checked = event.target.checked;
  if (event.target.closest?.("#document-table")) update();
});

// After a document was tried again, cancelled, pinned or deleted, the counts have changed, and whether to keep asking.
document.addEventListener("htmx:afterRequest", (event) => {
  const { requestConfig, successful, xhr } = event.detail;
  // Where the answer brings a new table, that one cannot ask before it has settled.
  if ((requestConfig.verb === "post" && successful) || (stale && xhr.status !== 200)) refresh();
});
document.addEventListener("documents:changed", refresh);
document.addEventListener("htmx:afterSettle", () => {
  update();
  if (stale) refresh();
});
document.addEventListener("htmx:afterSwap", () => {
  document.getElementById("more-reasons")?.toggleAttribute("open", moreReasons);
});
document.addEventListener("toggle", ({ target }) => {
  if (target.id === "more-reasons") moreReasons = target.open;
}, true);

// Nobody looks: nobody asks.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.detail.elt.id === "document-table") event.preventDefault();
});
update();
