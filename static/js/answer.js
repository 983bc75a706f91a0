// One answer on the page, stored or still coming: takes the events of the contract and keeps its element up to date. Sending,
// connecting and scrolling are other files' business.
import { renderMarkdown } from "./markdown.js";
import { openSource } from "./source_panel.js";
import { citationFromJson, citationFromRow, sourceRow } from "./citation.js";

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
    for (const [n, row] of this.citations) row.addEventListener("click", () => this.open(n, row));
    this.render();
  }

  /** Make the element of an answer that has just begun. */
  static begin({ message, parent, model }) {
    const element = document.getElementById("answer-template").content.firstElementChild.cloneNode(true);
    element.dataset.message = message;
    element.dataset.parent = parent ?? "";
    const name = element.querySelector("[data-model]");
    name.textContent = model === name.dataset.builtin ? name.dataset.builtinLabel : (model ?? "");
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
    for (const citation of citations ?? []) this.cite(citation);
    this.renderSoon();
    return true;
  }

  searching() {
    this.say("[data-search]", (line) => line.dataset.searching);
  }

  searched({ hits, ms }) {
    const found = Array.isArray(hits) ? hits.length : hits;
    this.say("[data-search]", (line) => line.dataset.found.replace("{n}", found).replace("{ms}", Math.round(ms)));
  }

  reason({ text }) {
    this.setReasoning(this.reasoning.textContent + text);
  }

  setReasoning(text) {
    this.reasoning.textContent = text;
    this.reasoning.closest("details").hidden = !text.trim();
  }

  write({ text }) {
    this.text += text;
    this.renderSoon();
  }

  cite(citation) {
    if (this.citations.has(citation.n)) return;
    const row = sourceRow(citationFromJson(citation));
    row.addEventListener("click", () => this.open(citation.n, row));
    this.citations.set(citation.n, row);
    const list = this.element.querySelector("[data-sources]");
    list.hidden = false;
    list.querySelector("ol").append(row.closest("li"));
    this.renderSoon();
  }

  trouble({ error }) {
    this.showError(error?.message);
  }

  finish({ text, reasoning, citations, status, error }) {
    this.text = text;
    this.setReasoning(reasoning);
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
    this.element.querySelector("[data-again]").hidden = status === "done";
  }

  say(selector, wording) {
    const line = this.element.querySelector(selector);
    line.hidden = false;
    line.textContent = wording(line);
  }

  renderSoon() {
    this.timer ??= setTimeout(() => this.render(), RENDER_EVERY);
  }

  render() {
    clearTimeout(this.timer);
    this.timer = null;
    renderMarkdown(this.body, this.text, (n) => this.chip(n));
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
    chip.addEventListener("click", () => this.open(n, chip));
    return chip;
  }

  open(n, opener) {
    const row = this.citations.get(n);
    openSource(citationFromRow(row), opener, [row, ...this.body.querySelectorAll(`[data-chip="${n}"]`)]);
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
