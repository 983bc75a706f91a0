// A citation in its two forms: the row in an answer's list of sources, which carries everything, and the plain object the source
// panel shows. The server renders stored rows with the same template.

const NO_ID = "00000000-0000-0000-0000-000000000000";
const template = document.getElementById("source-template");

/** Read a citation from its row. */
export function citationFromRow(row) {
  const part = (name) => row.parentElement.querySelector(`[data-part="${name}"]`)?.textContent ?? "";
  return {
    n: Number(row.dataset.citation),
    name: row.querySelector("[data-name]").textContent,
    where: row.querySelector("[data-where]").textContent,
    headings: [...row.parentElement.querySelectorAll('[data-part="heading"]')].map((heading) => heading.textContent),
    quote: part("quote"),
    text: part("text"),
    href: row.dataset.href,
    newer: row.dataset.newer ?? "",
  };
}

/** Turn the JSON of the contract into a citation. */
export function citationFromJson({ n, document: source, version, newer, headings, page_from, page_to, quote, text, chunk }) {
  const url = source?.id ? template.dataset.documentUrl.replace(NO_ID, source.id) : "";
  const anchor = chunk ? `&chunk=${chunk}#chunk-${chunk}` : "";
  return {
    n,
    name: source?.name ?? "",
    where: pages(page_from, page_to),
    headings: headings ?? [],
    quote: quote ?? "",
    text: text ?? "",
    href: url && `${url}?version=${version}${anchor}`,
    newer: newer ? url : "",
  };
}

function pages(from, to) {
  if (from == null) return "";
  if (to == null || to === from) return template.dataset.page.replace("{page}", from);
  return template.dataset.pages.replace("{first}", from).replace("{last}", to);
}

/** Make the row of `citation`; its <li> is the row's parent. */
export function sourceRow(citation) {
  const item = template.content.firstElementChild.cloneNode(true);
  const row = item.querySelector("[data-citation]");
  row.dataset.citation = citation.n;
  row.dataset.href = citation.href;
  if (citation.newer) row.dataset.newer = citation.newer;
  row.dataset.label = template.dataset.label.replace("{n}", citation.n).replace("{name}", citation.name);
  row.querySelector("[data-number]").textContent = citation.n;
  row.querySelector("[data-name]").textContent = citation.name;
  row.querySelector("[data-said]").textContent = inOneLine(citation.quote).slice(0, 160);
  row.querySelector("[data-where]").textContent = citation.where;
  const parts = item.querySelector("[data-parts]");
  parts.replaceChildren(part("quote", citation.quote), part("text", citation.text), ...citation.headings.map((heading) => part("heading", heading)));
  return row;
}

/** Change the quotation of a row: more of the passage may bear what was said since. */
export function quoteAnew(row, quote) {
  row.parentElement.querySelector('[data-part="quote"]').textContent = quote ?? "";
}

/** Return `text` on one line, the cells of a table's row set apart by dots. */
export function inOneLine(text) {
  return text
    .replace(/^[\s|]+|[\s|]+$/g, "")
    .replace(/\s*\|[\s|]*/g, " · ")
    .replace(/\s+/g, " ");
}

function part(name, text) {
  const span = document.createElement("span");
  span.dataset.part = name;
  span.textContent = text;
  return span;
}
