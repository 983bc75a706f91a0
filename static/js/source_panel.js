// The panel beside the answer that shows where a claim comes from: document, headings, page, and the passage with the quoted words
// marked. Opened by a chip in the text or a row of the list; on a phone it is a sheet from below.
import { showPassage } from "./passage.js";

const panel = document.getElementById("source-panel");
let openers = [];

/** Show `citation` ({n, name, where, headings, quote, text, href}); `buttons` are all elements that open it. */
export function openSource(citation, opener, buttons = [opener]) {
  const same = openers.includes(opener) && !panel.hidden;
  closeSource({ refocus: false });
  if (same) return;
  fill(citation);
  openers = [opener, ...buttons.filter((button) => button !== opener)];
  for (const button of openers) button.setAttribute("aria-expanded", "true");
  panel.hidden = false;
  showQuote();
  uncover(opener);
  panel.querySelector("[data-close]").focus({ preventScroll: true });
}

/** Close the panel and give the focus back to what opened it. */
export function closeSource({ refocus = true } = {}) {
  if (!panel || panel.hidden) return;
  panel.hidden = true;
  for (const button of openers) button.setAttribute("aria-expanded", "false");
  if (refocus) openers[0]?.focus({ preventScroll: true });
  openers = [];
}

function fill(citation) {
  panel.querySelector("[data-n]").textContent = citation.n;
  panel.querySelector("[data-name]").textContent = citation.name;
  panel.querySelector("[data-where]").textContent = citation.where;
  panel.querySelector("[data-headings]").replaceChildren(...citation.headings.map(crumb));
  showPassage(panel.querySelector("[data-passage]"), citation.text, citation.quote);
  const link = panel.querySelector("[data-link]");
  link.hidden = !citation.href;
  panel.querySelector("[data-gone]").hidden = Boolean(citation.href);
  if (citation.href) link.href = citation.href;
}

function crumb(text) {
  const span = document.createElement("span");
  span.textContent = text;
  return span;
}

/** Scroll the panel alone, so that the page stays where it was. */
function showQuote() {
  const body = panel.querySelector("[data-body]");
  const mark = body.querySelector("mark");
  body.scrollTop = mark ? Math.max(0, mark.offsetTop - body.offsetTop - body.clientHeight / 4) : 0;
}

/** On a phone the sheet must not lie on what opened it. */
function uncover(opener) {
  const sheet = panel.getBoundingClientRect();
  const button = opener.getBoundingClientRect();
  const hidden = button.bottom + 16 - sheet.top;
  if (button.right > sheet.left && hidden > 0 && sheet.top > 0) window.scrollBy({ top: hidden });
}

if (panel) {
  panel.querySelector("[data-close]").addEventListener("click", () => closeSource());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) closeSource();
  });
}
