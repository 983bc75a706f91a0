// The box a question is typed into, on the start page and in a conversation: Enter sends, Shift+Enter breaks the line, and Enter
// that only confirms a Chinese or Japanese composition does neither. Where the question goes is not decided here.
import { keepDraft } from "./drafts.js";
import { markLanguage } from "./language.js";
import { rememberModel } from "./model_choice.js";

const MAX_HEIGHT = 0.4;

/** Make the boxes work that are on the page and do not yet: the start page brings its own in once a document is ready. */
function prepareAll() {
  for (const form of document.querySelectorAll("form[data-composer]:not([data-prepared])")) prepare(form);
  for (const question of document.querySelectorAll("[data-suggestions] button")) markLanguage(question);
}

function prepare(form) {
  form.dataset.prepared = "yes";
  const field = form.querySelector("textarea");
  // An Enter that came before this script has broken the line instead of asking.
  if (document.activeElement === field && /\S\n$/.test(field.value)) queueMicrotask(() => form.requestSubmit());
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return;
    event.preventDefault();
    if (field.value.trim()) form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    if (!field.value.trim()) event.preventDefault();
  });
  keepDraft(field);
  rememberModel(form.querySelector("select[data-model-choice]"));
  if (!CSS.supports("field-sizing", "content")) growWithText(field);
}

/** Safari ends a composition before the Enter that ended it arrives; 229 gives it away. */
function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
}

function growWithText(field) {
  const grow = () => {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, window.innerHeight * MAX_HEIGHT)}px`;
  };
  field.addEventListener("input", grow);
  grow();
}

document.addEventListener("htmx:afterSettle", prepareAll);
prepareAll();
