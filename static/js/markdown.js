// Turns the Markdown of an answer into safe elements. What a model or a document wrote is data: raw HTML stays text, pictures
// are named instead of fetched, and everything passes DOMPurify. The one function for stored and for streaming answers.
import MarkdownIt from "../vendor/markdown-it-15.0.3.js";
import DOMPurify from "../vendor/dompurify-3.4.18.js";

// Indexes of variables (`x[1]`, `my_list[1]`) are no citations; the same names as in chat/citing/scanner.py.
const VARIABLE = "(?<![A-Za-z0-9_.])(?<![0-9] )(?:[a-z]\\d?|[A-Za-z]\\w{0,30}_\\w{0,29}[A-Za-z0-9]|args|argv|arr|buf|lst|nums|vec)";
const CITATION = new RegExp(`(?<!${VARIABLE}(?:\\[[^\\[\\]\\s]{1,9}\\]){0,3})\\[(\\d{1,3})\\]`, "g");
const PURIFY = {
  ALLOWED_TAGS: "p br hr strong em s del code pre ul ol li blockquote h1 h2 h3 h4 h5 h6 a table thead tbody tr th td".split(" "),
  ALLOWED_ATTR: ["href", "align", "start"],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
  ADD_URI_SAFE_ATTR: ["align", "start"],
  RETURN_DOM_FRAGMENT: true,
};

const markdown = new MarkdownIt({ html: false, linkify: false, breaks: true });
markdown.renderer.rules.image = (tokens, index) => markdown.utils.escapeHtml(tokens[index].content);
for (const name of ["th_open", "td_open"]) markdown.renderer.rules[name] = cell;

/** markdown-it says alignment in a style attribute, which the page's security policy forbids. */
function cell(tokens, index, options, env, self) {
  const token = tokens[index];
  const style = token.attrGet("style");
  if (style) {
    token.attrs = token.attrs.filter(([name]) => name !== "style");
    token.attrSet("align", style.replace("text-align:", ""));
  }
  return self.renderToken(tokens, index, options);
}

/** Replace what `target` shows by the Markdown `text`. `chip(n)` makes the element for `[n]`, or returns null to leave it as text. */
export function renderMarkdown(target, text, chip = () => null) {
  const fragment = DOMPurify.sanitize(markdown.render(text), PURIFY);
  fragment.querySelectorAll("a").forEach(outside);
  for (const pre of fragment.querySelectorAll("pre")) pre.tabIndex = 0;
  fragment.querySelectorAll("table").forEach(scrollable);
  putChips(fragment, chip);
  target.replaceChildren(fragment);
  target.dataset.rendered = "yes";
}

/** What a document or a model wrote may promise one place and lead to another, so the host is shown beside the words. */
function outside(link) {
  link.title = link.href;
  if (link.host && ![link.href, link.host].includes(link.textContent)) link.append(` (${link.host})`);
  link.target = "_blank";
  link.rel = "noopener noreferrer nofollow";
}

function scrollable(table) {
  for (const heading of table.querySelectorAll("th:empty")) heading.replaceWith(document.createElement("td"));
  const frame = document.createElement("div");
  frame.className = "table-scroll";
  frame.tabIndex = 0; // Wide tables scroll, by keyboard too.
  table.replaceWith(frame);
  frame.append(table);
}

function putChips(fragment, chip) {
  const walker = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const node of texts) {
    if (node.parentElement?.closest("code, pre, a")) continue;
    const parts = split(node.data, chip);
    if (parts.length > 1 || parts[0] !== node.data) node.replaceWith(...parts);
  }
}

/** Cut `text` at its citation marks: ["as said ", <chip 1>, "."]. */
function split(text, chip) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(CITATION)) {
    const made = chip(Number(match[1]));
    if (!made) continue;
    // A number stays on the line of the word before it.
    const before = text.slice(end, match.index).replace(/ ?$/, (space) => (space ? "\u202f" : "\u2060"));
    parts.push(before);
    parts.push(made);
    end = match.index + match[0].length;
  }
  if (end < text.length || !parts.length) parts.push(text.slice(end));
  return parts;
}
