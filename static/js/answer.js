// One answer on the page, stored or still coming: takes the events of the contract and keeps its element up to date. Sending,
// connecting and scrolling are other files' business.
import { citationFromJson, citationFromRow, quoteAnew, sourceRow } from "./citation.js";
import { offerCopies } from "./copy_code.js";
import { languageOf } from "./language.js";
import { renderMarkdown } from "./markdown.js";
import { openSource } from "./source_panel.js";
import { counted, words } from "./words.js";

const RENDER_EVERY = 70;
const FINAL = ["done", "stopped", "failed", "interrupted"];

export class Answer {
  /** Take over `element`, an `.answer` that the server rendered or that came from the template. */
  constructor(element) {
    this.element = element;
    this.id = element.dataset.message;
    this.seq = Number(element.dataset.seq || 0);
    this.body = element.querySelector("[data-text]");
    this.text = this.body.textContent.trim();
    this.reasoning = element.querySelector("[data-reasoning]");
    this.citations = new Map([...element.querySelectorAll("[data-citation]")].map((row) => [Number(row.dataset.citation), row]));
    this.thinkingSince = null;
    for (const [n, row] of this.citations) row.addEventListener("click", () => openSource(this, n, row));
    this.render();
  }

  /** Make the element of an answer that has just begun. */
  static begin({ message, parent, model }) {
    const element = document.getElementById("answer-template").content.firstElementChild.cloneNode(true);
    element.dataset.message = message;
    element.dataset.parent = parent ?? "";
    const name = element.querySelector("[data-model]");
    name.textContent = model === name.dataset.builtin ? name.dataset.builtinLabel : (model ?? "").replace(/^[^/]*\//, "");
    return new Answer(element);
  }

  get isRunning() {
    return !FINAL.includes(this.element.dataset.status);
  }

  /** Take one event. Returns false when events between were missed and a resume is needed. */
  take(event) {
    if (event.type === "message.snapshot") return this.replace(event);
    if (event.seq <= this.seq) return true;
    // The end holds the whole answer, so it needs nothing of what came before it.
    if (event.seq > this.seq + 1 && event.type !== "message.done") return false;
    this.seq = event.seq;
    this[HANDLERS[event.type]]?.(event);
    return true;
  }

  replace({ text, reasoning, citations, seq }) {
    this.seq = seq;
    this.text = text;
    this.setReasoning(reasoning ?? "");
    if (reasoning && !this.element.dataset.thinking) this.sayThought(words.thoughts);
    this.keepOnly(new Set((citations ?? []).map((citation) => citation.n)));
    for (const citation of citations ?? []) this.cite(citation);
    this.renderSoon();
    return true;
  }

  /** Remove the citations whose numbers are not in `numbers`: they stood in text that turned out to be thought. */
  keepOnly(numbers) {
    for (const [n, row] of this.citations) {
      if (numbers.has(n)) continue;
      row.closest("li").remove();
      this.citations.delete(n);
    }
    this.element.querySelector("[data-sources]").hidden = !this.citations.size;
  }

  searching({ query, rewritten }) {
    this.element.querySelector("[data-rewritten]").hidden = !rewritten;
    this.element.querySelector("[data-query]").textContent = rewritten ? query : "";
    this.saySearch(words.searching, true);
  }

  searched({ hits }) {
    const documents = new Set(hits.map((hit) => hit.document?.id));
    const found = words.found.replace("{passages}", counted("passages", hits.length)).replace("{documents}", counted("documents", documents.size));
    this.saySearch(hits.length ? found : words.foundNothing, false);
  }

  saySearch(text, working) {
    const line = this.element.querySelector("[data-search]");
    line.hidden = false;
    line.textContent = text;
    line.classList.toggle("working", working);
  }

  reason({ text }) {
    this.thinkingSince ??= performance.now();
    this.element.dataset.thinking = "yes";
    this.sayThought(words.thinking);
    this.setReasoning(this.reasoning.textContent + text);
  }

  setReasoning(text) {
    this.reasoning.textContent = text;
    this.reasoning.closest("details").hidden = !text.trim();
  }

  sayThought(text) {
    this.element.querySelector("[data-reasoning-label]").textContent = text;
  }

  /** The first word ends the thinking. The server has measured it too; this is for the eye until the answer is complete. */
  thought(ms) {
    delete this.element.dataset.thinking;
    if (ms) this.sayThought(words.thought.replace("{n}", Math.max(1, Math.round(ms / 1000))));
    else if (this.reasoning.textContent) this.sayThought(words.thoughts);
    this.thinkingSince = null;
  }

  write({ text }) {
    if (this.thinkingSince !== null) this.thought(performance.now() - this.thinkingSince);
    this.text += text;
    this.renderSoon();
  }

  cite(citation) {
    const known = this.citations.get(citation.n);
    if (known) return quoteAnew(known, citation.quote);
    const row = sourceRow(citationFromJson(citation));
    row.addEventListener("click", () => openSource(this, citation.n, row));
    this.citations.set(citation.n, row);
    this.element.querySelector("[data-sources]").hidden = false;
    const after = this.numbers.find((n) => n > citation.n);
    this.element.querySelector("[data-sources] ol").insertBefore(row.closest("li"), this.citations.get(after)?.closest("li") ?? null);
    this.renderSoon();
  }

  trouble({ error }) {
    this.showError(error?.message);
  }

  finish({ text, reasoning, citations, status, error, trace }) {
    this.text = text;
    this.setReasoning(reasoning);
    this.thought(trace?.reasoning_ms);
    for (const citation of citations) this.cite(citation);
    this.element.dataset.status = status;
    this.element.removeAttribute("aria-busy");
    this.showError(status === "failed" ? error?.message : "");
    this.showEnd(status);
    this.render();
  }

  showError(message) {
    const notice = this.element.querySelector("[data-error]");
    notice.hidden = !message;
    notice.querySelector("[data-error-text]").textContent = message ?? "";
  }

  showEnd(status) {
    this.element.querySelector("[data-actions]").hidden = false;
    this.element.querySelector("[data-stopped]").hidden = status !== "stopped";
    this.element.querySelector("[data-interrupted]").hidden = status !== "interrupted";
    this.element.querySelector("[data-again-loud]").hidden = status === "done";
    this.element.querySelector("[data-again]:not([data-again-loud])").hidden = status !== "done";
  }

  renderSoon() {
    this.timer ??= setTimeout(() => this.render(), RENDER_EVERY);
  }

  render() {
    clearTimeout(this.timer);
    this.timer = null;
    this.body.lang = languageOf(this.text);
    renderMarkdown(this.body, this.text, (n) => this.chip(n));
    if (!this.isRunning) offerCopies(this.body);
  }

  chip(n) {
    const row = this.citations.get(n);
    if (!row) return null;
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "cite";
    chip.textContent = n;
    chip.dataset.chip = n;
    chip.setAttribute("aria-label", row.dataset.label);
    chip.setAttribute("aria-controls", "source-panel");
    chip.setAttribute("aria-expanded", row.getAttribute("aria-expanded") ?? "false");
    chip.addEventListener("click", () => openSource(this, n, chip));
    return chip;
  }

  // What the source panel asks of an answer: its numbers in order, the citation of one, and the buttons that stand for it.

  get numbers() {
    return [...this.citations.keys()].sort((one, other) => one - other);
  }

  citation(n) {
    return citationFromRow(this.citations.get(n));
  }

  buttons(n) {
    return [this.citations.get(n), ...this.body.querySelectorAll(`[data-chip="${n}"]`)];
  }
}

const HANDLERS = {
  "search.started": "searching",
  "search.done": "searched",
  "reasoning.delta": "reason",
  "answer.delta": "write",
  citation: "cite",
  error: "trouble",
  "message.done": "finish",
};
