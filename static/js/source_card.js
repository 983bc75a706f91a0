// The card beside a citation that is pointed at or reached by keyboard: which document, where, and its first words. A finger opens
// the source itself and needs no card.
import { citationFromRow, inOneLine } from "./citation.js";
import { languageOf } from "./language.js";

const WAIT = 180;
const GAP = 8;
const card = document.getElementById("source-card");
let timer = null;
let chip = null;

function chipAt(target) {
  return target.closest?.(".markdown .cite[data-chip]");
}

function show(target) {
  const row = target.closest(".answer").querySelector(`[data-citation="${target.dataset.chip}"]`);
  if (!row || !target.isConnected) return;
  chip = target;
  fill(citationFromRow(row));
  card.hidden = false;
  place(target.getBoundingClientRect());
  target.setAttribute("aria-describedby", card.id);
}

function fill({ name, where, headings, quote, text }) {
  card.querySelector("[data-name]").textContent = name;
  card.querySelector("[data-where]").textContent = [where, headings.at(-1)].filter(Boolean).join(" · ");
  const said = card.querySelector("[data-said]");
  said.textContent = inOneLine(quote || text);
  said.lang = languageOf(quote || text);
}

/** Above the chip where there is room, else below it, and never over the edge of the window. */
function place(at) {
  const { width, height } = card.getBoundingClientRect();
  const left = Math.min(Math.max(GAP, at.left + at.width / 2 - width / 2), document.documentElement.clientWidth - width - GAP);
  const top = at.top - height - GAP > GAP ? at.top - height - GAP : at.bottom + GAP;
  card.style.left = `${left}px`;
  card.style.top = `${top}px`;
}

function hide() {
  clearTimeout(timer);
  chip?.removeAttribute("aria-describedby");
  chip = null;
  card.hidden = true;
}

document.addEventListener("pointerover", (event) => {
  const target = event.pointerType === "mouse" && chipAt(event.target);
  if (!target) return;
  clearTimeout(timer);
  timer = setTimeout(() => show(target), WAIT);
});
document.addEventListener("pointerout", (event) => chipAt(event.target) && hide());
document.addEventListener("focusin", (event) => {
  hide();
  const target = chipAt(event.target);
  if (target?.matches(":focus-visible")) show(target);
});
document.addEventListener("click", hide);
document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
window.addEventListener("scroll", hide, { passive: true });
