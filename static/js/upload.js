// Adds documents by drag and drop or by choosing them, folders with all that is in them: one request per document, two at a time, each
// with its own progress and its own result; large ones go in parts. Without this script the form sends everything at once.
import { decided } from "./conflicts.js";
import { documentsIn, nameOf, withoutHidden } from "./dropped.js";
import { forget, sendInParts } from "./parts.js";

const AT_ONCE = 2;
const ADDED_STAYS = 1500;
const form = document.getElementById("upload");
const list = document.getElementById("uploads");
const template = document.getElementById("upload-template");
const words = form.dataset;
const token = form.elements.csrfmiddlewaretoken.value;
const waiting = [];
let running = 0;

form.classList.add("has-script");
const chooseFolder = document.getElementById("choose-folder");
const folder = Object.assign(document.createElement("input"), { type: "file", webkitdirectory: true });
chooseFolder.hidden = false;
chooseFolder.addEventListener("click", () => folder.click());
for (const input of [form.elements.file, folder]) input.addEventListener("change", () => take(input));
if (form.elements.file.files.length) take(form.elements.file); // Chosen before this script came.

// The whole page takes a drop, so that nothing is opened in the browser by a near miss.
let inside = 0;
window.addEventListener("dragenter", (event) => mark(event, 1));
window.addEventListener("dragleave", (event) => mark(event, -1));
window.addEventListener("dragover", (event) => event.preventDefault());
window.addEventListener("drop", async (event) => {
  event.preventDefault();
  inside = 0;
  form.classList.remove("is-over");
  add(await documentsIn(event.dataTransfer));
});
window.addEventListener("beforeunload", (event) => {
  if (running) event.preventDefault();
});

function mark(event, step) {
  if (!event.dataTransfer?.types.includes("Files")) return;
  inside += step;
  form.classList.toggle("is-over", inside > 0);
}

function take(input) {
  add(withoutHidden([...input.files]));
  input.value = "";
}

async function add(files) {
  const wanted = await decided(files, words.api, token);
  for (const { file, onConflict } of wanted) waiting.push(show({ file, onConflict, name: nameOf(file) }));
  sendNext();
}

/** Put a row on the page for a document; its button stops it, wherever it is. */
function show(item) {
  item.row = template.content.firstElementChild.cloneNode(true);
  item.row.querySelector(".name").textContent = item.name;
  item.row.querySelector("[data-cancel]").addEventListener("click", () => cancel(item));
  list.append(item.row);
  return item;
}

function cancel(item) {
  const place = waiting.indexOf(item);
  if (place >= 0) waiting.splice(place, 1);
  item.stop?.();
  item.row.remove();
}

function sendNext() {
  while (running < AT_ONCE && waiting.length) send(waiting.shift());
}

async function send(item) {
  if (item.file.size > Number(words.maxBytes)) return finish(item.row, "refused", words.tooLarge);
  running += 1;
  const sending = item.file.size > Number(words.inPartsFrom) ? inParts(item) : whole(item);
  const result = await sending.catch(() => ["failed", words.unreachable]);
  if (result) finish(item.row, ...result);
  running -= 1;
  sendNext();
  document.dispatchEvent(new Event("documents:changed"));
}

/** Send a document in one piece; resolves to [state, sentence], or to nothing when it is stopped. */
function whole(item) {
  const request = new XMLHttpRequest();
  const body = new FormData();
  body.append("on_conflict", item.onConflict);
  body.append("folder", item.name.split("/").slice(0, -1).join("/"));
  body.append("file", item.file);
  request.open("POST", words.api);
  request.setRequestHeader("X-CSRFToken", token);
  request.upload.addEventListener("progress", (event) => progress(item.row, event.loaded / event.total));
  item.stop = () => request.abort();
  return new Promise((resolve, reject) => {
    request.addEventListener("load", () => resolve(outcome(request.status, parsed(request.responseText))));
    request.addEventListener("error", reject);
    request.addEventListener("abort", () => resolve());
    request.send(body);
  });
}

/** Send a document in parts; resolves as `whole` does. */
async function inParts(item) {
  const stopping = new AbortController();
  const where = { url: words.parts, token, partBytes: Number(words.partBytes), signal: stopping.signal };
  item.stop = () => stopping.abort();
  const last = await sendInParts(item.file, item.name, item.onConflict, {
    ...where,
    progress: (share) => progress(item.row, share),
    waiting: () => say(item.row, words.waiting),
  });
  if (last) return outcome(last.status, last.answer);
  await forget(item.file, item.name, where);
}

function progress(row, share) {
  const bar = row.querySelector("progress");
  bar.hidden = false;
  bar.value = share;
  say(row, share < 1 ? `${Math.round(share * 100)} %` : words.storing);
}

function say(row, sentence) {
  row.querySelector(".state").textContent = sentence;
}

/** What the server said of one document: [state, sentence]. */
function outcome(status, answer) {
  const result = answer.results?.[0];
  if (result?.error && !result.id) return ["refused", result.error.message];
  if (status >= 400) return ["failed", answer.detail ?? words.failed];
  return result?.duplicate ? ["duplicate", words.duplicate] : ["added", words.added];
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function finish(row, state, sentence) {
  row.dataset.state = state;
  say(row, sentence);
  row.querySelector("progress").hidden = true;
  row.querySelector("[data-cancel]").hidden = true;
  if (state === "added") setTimeout(() => row.remove(), ADDED_STAYS);
  else row.querySelector("[data-dismiss]").hidden = false;
}

list.addEventListener("click", (event) => {
  if (event.target.closest("[data-dismiss]")) event.target.closest(".upload-row").remove();
});
