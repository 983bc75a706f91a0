// The panel that shows where a claim comes from: document, headings, page, and the passage with the quoted words marked; from one
// source to the next without going back. Opened by a chip in the text or a row of the list; on a phone it is a sheet from below.
import { languageOf } from "./language.js";
import { showPassage } from "./passage.js";
import { asSheet } from "./sheet.js";

const panel = document.getElementById("source-panel");
const sheet = panel && asSheet(panel, document.getElementById("source-backdrop"), () => closeSource());
let shown = null; // What is open: {answer, n, opener}.

/** Show source `n` of `answer`, which knows its `numbers`, the `citation` of one and the `buttons` that open it. */
export function openSource(answer, n, opener) {
  const again = shown?.opener === opener && shown.n === n;
  closeSource({ refocus: false });
  if (again) return;
  panel.hidden = false;
  show(answer, n, opener);
  sheet.open();
  uncover(opener);
  panel.querySelector("[data-close]").focus({ preventScroll: true });
}

/** Close the panel and give the focus back to what opened it. */
export function closeSource({ refocus = true } = {}) {
  if (!shown) return;
  const { answer, n, opener } = shown;
  mark(answer, n, "false");
  shown = null;
  panel.hidden = true;
  sheet.close();
  // An answer that has grown meanwhile was drawn anew; its chip is another by now.
  if (refocus) (opener.isConnected ? opener : answer.buttons(n).at(-1)).focus({ preventScroll: true });
}

function show(answer, n, opener) {
  if (shown) mark(shown.answer, shown.n, "false");
  shown = { answer, n, opener };
  mark(answer, n, "true");
  fill(answer.citation(n));
  fillTurn(answer.numbers, n);
  showQuote();
}

function mark(answer, n, expanded) {
  for (const button of answer.buttons(n)) button.setAttribute("aria-expanded", expanded);
}

function fill(citation) {
  panel.querySelector("[data-n]").textContent = citation.n;
  panel.querySelector("[data-name]").textContent = citation.name;
  panel.querySelector("[data-where]").textContent = citation.where;
  const headings = panel.querySelector("[data-headings]");
  headings.replaceChildren(...citation.headings.map(crumb));
  headings.hidden = !citation.headings.length;
  const passage = panel.querySelector("[data-passage]");
  passage.lang = languageOf(citation.text);
  showPassage(passage, citation.text, citation.quote);
  const link = panel.querySelector("[data-link]");
  link.hidden = !citation.href;
  panel.querySelector("[data-gone]").hidden = Boolean(citation.href);
  if (citation.href) link.href = citation.href;
  panel.querySelector("[data-newer]").hidden = !citation.newer;
  panel.querySelector("[data-newest]").href = citation.newer;
}

function crumb(text) {
  const span = document.createElement("span");
  span.textContent = text;
  return span;
}

function fillTurn(numbers, n) {
  const at = numbers.indexOf(n);
  panel.querySelector("[data-turn]").hidden = numbers.length < 2;
  panel.querySelector("[data-place]").textContent = `${at + 1} / ${numbers.length}`;
  panel.querySelector("[data-previous]").disabled = at === 0;
  panel.querySelector("[data-next]").disabled = at === numbers.length - 1;
}

function turn(step) {
  const { answer, n, opener } = shown;
  const numbers = answer.numbers;
  show(answer, numbers[numbers.indexOf(n) + step], opener);
}

/** Scroll the panel alone, so that the page stays where it was. */
function showQuote() {
  const body = panel.querySelector("[data-body]");
  const quote = body.querySelector("mark");
  body.scrollTop = quote ? Math.max(0, quote.offsetTop - body.offsetTop - body.clientHeight / 4) : 0;
}

/** On a phone the sheet must not lie on what opened it. */
function uncover(opener) {
  const edge = panel.getBoundingClientRect();
  const button = opener.getBoundingClientRect();
  const hidden = button.bottom + 16 - edge.top;
  if (button.right > edge.left && hidden > 0 && edge.top > 0) window.scrollBy({ top: hidden });
}

if (panel) {
  panel.querySelector("[data-close]").addEventListener("click", () => closeSource());
  panel.querySelector("[data-previous]").addEventListener("click", () => turn(-1));
  panel.querySelector("[data-next]").addEventListener("click", () => turn(1));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) closeSource();
  });
}
