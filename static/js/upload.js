// Adds documents by drag and drop or by choosing them: one request per document, two at a time, each with its own progress and its
// own result. Without this script the form sends everything at once.
import { decided } from "./conflicts.js";
import { documentsIn } from "./dropped.js";

const AT_ONCE = 2;
const ADDED_STAYS = 1500;
const form = document.getElementById("upload");
const list = document.getElementById("uploads");
const template = document.getElementById("upload-template");
const words = form.dataset;
const waiting = [];
let running = 0;

form.classList.add("has-script");
form.elements.file.addEventListener("change", () => {
  add([...form.elements.file.files]);
  form.elements.file.value = "";
});

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

async function add(files) {
  const wanted = await decided(files, words.api, form.elements.csrfmiddlewaretoken.value);
  for (const { file, onConflict } of wanted) waiting.push({ file, onConflict, row: show(file) });
  sendNext();
}

function show(file) {
  const row = template.content.firstElementChild.cloneNode(true);
  row.querySelector(".name").textContent = file.name;
  list.append(row);
  return row;
}

function sendNext() {
  while (running < AT_ONCE && waiting.length) send(waiting.shift());
}

function send({ file, onConflict, row }) {
  if (file.size > Number(words.maxBytes)) return finish(row, "refused", words.tooLarge);
  running += 1;
  const request = new XMLHttpRequest();
  request.open("POST", words.api);
  request.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
  request.upload.addEventListener("progress", (event) => progress(row, event.loaded / event.total));
  request.addEventListener("load", () => finish(row, ...outcome(request)));
  request.addEventListener("error", () => finish(row, "failed", words.unreachable));
  request.addEventListener("loadend", next);
  const body = new FormData();
  body.append("on_conflict", onConflict);
  body.append("file", file);
  request.send(body);
}

function next() {
  running -= 1;
  sendNext();
  htmx.trigger("#document-table", "refresh");
}

function progress(row, share) {
  row.querySelector("progress").value = share;
  row.querySelector(".state").textContent = share < 1 ? `${Math.round(share * 100)} %` : words.storing;
}

/** What the server said of one document: [state, sentence]. */
function outcome(request) {
  const answer = parsed(request.responseText);
  const result = answer.results?.[0];
  if (result?.error && !result.id) return ["refused", result.error.message];
  if (request.status >= 400) return ["failed", answer.detail ?? words.failed];
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
  row.querySelector(".state").textContent = sentence;
  row.querySelector("progress").hidden = true;
  if (state === "added") setTimeout(() => row.remove(), ADDED_STAYS);
  else row.querySelector("[data-dismiss]").hidden = false;
}

list.addEventListener("click", (event) => {
  if (event.target.closest("[data-dismiss]")) event.target.closest(".upload-row").remove();
});
