// Lays a passage out as it is meant to be read: tables as tables, marked words marked. Works on text and on ranges within it
// ({start, end}), never on HTML, so that what a document says stays what it says.

const ROW = /^\s*\|.*\|\s*$/;
const LEFT_OUT = " … ";
const RULE = /^\s*\|(?:\s*:?-+:?\s*\|)+\s*$/;

/** Fill `target` with `text`, the words of `quote` marked. Returns whether the quotation is in the text. */
export function showPassage(target, text, quote) {
  const found = find(text, quote);
  layOut(target, text, found);
  return found.length > 0;
}

/** Lay out what stands in `target` already; its <mark> elements stay marked. */
export function layOutAgain(target) {
  if (!ROW.test(target.textContent.split("\n").find((line) => line.includes("|")) ?? "")) return spaceParagraphs(target);
  const before = document.createRange();
  const marks = [...target.querySelectorAll("mark")].map((mark) => {
    before.setStart(target, 0);
    before.setEndBefore(mark);
    const start = before.toString().length;
    return { start, end: start + mark.textContent.length };
  });
  layOut(target, target.textContent, marks);
}

function layOut(target, text, marks) {
  const lines = linesOf(text);
  const parts = [];
  let shown = 0;
  for (let at = 0; at < lines.length; at += 1) {
    if (!RULE.test(lines[at + 1]?.text ?? "")) continue;
    const rows = lines.slice(at, at + lengthOfTable(lines, at));
    if (!rows.length) continue;
    parts.push(...slice(text, shown, rows[0].start, marks), table(rows, text, marks));
    shown = rows.at(-1).next;
    at += rows.length - 1;
  }
  target.replaceChildren(...parts, ...slice(text, shown, text.length, marks));
  spaceParagraphs(target);
}

/** Between paragraphs stands a gap of half a line, where the text has an empty one. */
function spaceParagraphs(target) {
  const walker = document.createTreeWalker(target, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const node of texts) {
    const parts = node.data.split(/(\n\s*\n)/);
    if (parts.length > 1) node.replaceWith(...parts.map((part, index) => (index % 2 ? gap(part) : part)));
  }
}

function gap(text) {
  const span = document.createElement("span");
  span.className = "gap";
  span.textContent = text;
  return span;
}

function linesOf(text) {
  let start = 0;
  return text.split("\n").map((line) => {
    const place = { text: line, start, next: Math.min(text.length, start + line.length + 1) };
    start += line.length + 1;
    return place;
  });
}

function lengthOfTable(lines, at) {
  let length = 0;
  while (ROW.test(lines[at + length]?.text ?? "")) length += 1;
  return length;
}

function table(lines, text, marks) {
  const made = document.createElement("table");
  const [head, , ...body] = lines;
  const headRow = row(head, "th", text, marks);
  const rows = body.map((line) => row(line, "td", text, marks));
  made.createTHead().append(headRow);
  made.createTBody().append(...rows);
  // A CSV file may have rows with more cells than its header names.
  const missing = Math.max(0, ...rows.map((each) => each.cells.length)) - headRow.cells.length;
  for (let added = 0; added < missing; added += 1) headRow.append(document.createElement("td"));
  const frame = document.createElement("div");
  frame.className = "table-scroll";
  frame.append(made);
  return frame;
}

function row(line, kind, text, marks) {
  const made = document.createElement("tr");
  for (const cell of line.text.matchAll(/\|((?:\\.|[^|\\])*)(?=\|)/g)) {
    const element = document.createElement(cell[1].trim() ? kind : "td"); // A heading of nothing is none.
    const start = line.start + cell.index + 1;
    element.append(...slice(text, start, start + cell[1].length, marks));
    made.append(element);
  }
  return made;
}

/** Return `text` from `start` to `end` as nodes, with what falls into `marks` in <mark> elements. */
function slice(text, start, end, marks) {
  const nodes = [];
  let at = start;
  for (const mark of marks) {
    const from = Math.max(mark.start, at);
    const to = Math.min(mark.end, end);
    if (from >= to) continue;
    const element = document.createElement("mark");
    element.textContent = text.slice(from, to);
    nodes.push(text.slice(at, from), element);
    at = to;
  }
  return [...nodes, text.slice(at, end)].filter((node) => node !== "");
}

/** Return the places of a quotation: one, or one for each part of it where words of the passage were left out. */
function find(text, quote) {
  const whole = findOne(text, quote);
  if (whole) return [whole];
  const parts = quote.split(LEFT_OUT).map((part) => findOne(text, part));
  return parts.filter(Boolean).sort((one, other) => one.start - other.start);
}

function findOne(text, quote) {
  const words = quote.trim().replace(/^[…."“]+\s*|\s*[…"”]+$/g, "");
  if (!words) return null;
  const start = text.indexOf(words);
  return start >= 0 ? { start, end: start + words.length } : findIgnoringSpaces(text, words);
}

function findIgnoringSpaces(text, words) {
  const places = [...text.matchAll(/\S/g)].map((match) => match.index);
  const dense = places.map((place) => text[place]).join("");
  const wanted = words.replace(/\s+/g, "");
  const start = dense.indexOf(wanted);
  if (start < 0 || !wanted) return null;
  return { start: places[start], end: places[start + wanted.length - 1] + 1 };
}
