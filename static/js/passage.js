// Finds a quotation in its passage, however its spaces and line breaks fell, and marks it. Works on text alone, never on HTML.

/** Fill `target` with `text`, the words of `quote` marked. Returns the mark, or null when the quotation is not in the text. */
export function showPassage(target, text, quote) {
  const found = find(text, quote);
  if (!found) {
    target.replaceChildren(text);
    return null;
  }
  const mark = document.createElement("mark");
  mark.textContent = text.slice(found.start, found.end);
  target.replaceChildren(text.slice(0, found.start), mark, text.slice(found.end));
  return mark;
}

function find(text, quote) {
  const words = quote.trim().replace(/^[…."“]+\s*|\s*[…"”]+$/g, "");
  if (!words) return null;
  const start = text.indexOf(words);
  if (start >= 0) return { start, end: start + words.length };
  return findIgnoringSpaces(text, words);
}

function findIgnoringSpaces(text, words) {
  const places = [...text.matchAll(/\S/g)].map((match) => match.index);
  const dense = places.map((place) => text[place]).join("");
  const wanted = words.replace(/\s+/g, "");
  const start = dense.indexOf(wanted);
  if (start < 0 || !wanted) return null;
  return { start: places[start], end: places[start + wanted.length - 1] + 1 };
}
