// The box a question is typed into, on the start page and in a conversation: Enter sends, Shift+Enter breaks the line, and Enter
// that only confirms a Chinese or Japanese composition does neither. Where the question goes is not decided here.

import { keepDraft } from "./drafts.js";
import { markLanguage } from "./language.js";
import "./model_choice.js";

const MAX_HEIGHT = 0.4;

for (const form of document.querySelectorAll("form[data-composer]")) {
  const field = form.querySelector("textarea");
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return;
    event.preventDefault();
    if (field.value.trim()) form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    if (!field.value.trim()) event.preventDefault();
  });
  keepDraft(field);
  if (!CSS.supports("field-sizing", "content")) growWithText(field);
}

for (const question of document.querySelectorAll("[data-suggestions] button")) markLanguage(question);

/** Safari ends a composition before the Enter that ended it arrives; 229 gives it away. */
function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
}

function growWithText(field) {
  field.addEventListener("input", () => {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, window.innerHeight * MAX_HEIGHT)}px`;
  });
}
