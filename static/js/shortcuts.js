// Single keys for what is done all day: "/" to the box, "n" for a new conversation, "?" for the list of them. They are silent while
// somebody types, and with a modifier, which belongs to the browser.

const list = document.getElementById("shortcuts");
const KEYS = { "/": toTheBox, "?": () => list.showModal(), n: newConversation };

function toTheBox() {
  const box = document.querySelector("#question, #query, #q");
  box?.focus();
  return Boolean(box);
}

function newConversation() {
  const link = document.querySelector("a[data-new-conversation]");
  link?.click();
  return Boolean(link);
}

function isTyping(target) {
  return target.closest("input, textarea, select, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (KEYS[event.key]?.() !== false && event.key in KEYS) event.preventDefault();
});

document.querySelector("[data-shortcuts]")?.addEventListener("click", () => list.showModal());
