// Asks, once for all documents that come together, what becomes of those whose names are taken by other bytes: a new version, a
// document of its own, or nothing. What comes together is never a version of one another, however it is called.

import { nameOf } from "./dropped.js";

const AT_ONCE = 1000; // Names the server answers for in one call.
const DIGESTED = 64 * 2 ** 20; // Bytes; to look into larger ones takes longer than to ask.
const dialog = document.getElementById("conflicts");
const all = document.getElementById("conflicts-all");

/** Return what is to be sent of `files`, each with what to do where its name is taken; nothing when the reader cancels. */
export async function decided(files, api, token) {
  const taken = await takenAmong(files, api, token);
  const first = firstOfEachName(files);
  const open = await filtered([...first.values()], async (file) => taken.has(nameOf(file)) && !(await isSame(file, taken.get(nameOf(file)))));
  const choices = open.length ? await ask(open) : new Map();
  if (!choices) return [];
  const choice = (file) => choices.get(first.get(nameOf(file))) ?? "version";
  return files
    .filter((file) => choice(file) !== "skip")
    .map((file) => ({ file, onConflict: first.get(nameOf(file)) === file ? choice(file) : "keep" }));
}

function firstOfEachName(files) {
  const first = new Map();
  for (const file of files) if (!first.has(nameOf(file))) first.set(nameOf(file), file);
  return first;
}

/** Return what has each name that is taken. Who cannot be asked is not asked; the documents then stand for themselves. */
async function takenAmong(files, api, token) {
  const names = [...new Set(files.map((file) => nameOf(file)))];
  const taken = new Map();
  for (let start = 0; start < names.length; start += AT_ONCE) {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
    const body = JSON.stringify({ names: names.slice(start, start + AT_ONCE) });
    const response = await fetch(`${api}conflicts/`, { method: "POST", headers, body }).catch(() => null);
    const answer = response?.ok ? await response.json() : { results: [] };
    for (const { name, document: there, sha256 } of answer.results) taken.set(name, { size: there.size, sha256 });
  }
  return taken;
}

/** Whether the same bytes are there already, so that there is nothing to ask. A browser digests only where it is safe to type a password. */
async function isSame(file, there) {
  if (file.size !== there.size || file.size > DIGESTED || !crypto.subtle) return false;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("") === there.sha256;
}

async function filtered(items, isWanted) {
  const wanted = [];
  for (const item of items) if (await isWanted(item)) wanted.push(item);
  return wanted;
}

/** Show the question; resolves to a choice for each file, or to nothing. */
function ask(files) {
  const rows = new Map(files.map((file) => [rowOf(file), file]));
  dialog.querySelector("[data-list]").replaceChildren(...rows.keys());
  all.value = "version";
  all.parentElement.hidden = files.length === 1;
  dialog.returnValue = "cancel";
  dialog.showModal();
  return new Promise((resolve) => {
    const answer = () => new Map([...rows].map(([row, file]) => [file, row.querySelector("select").value]));
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "go" ? answer() : null), { once: true });
  });
}

function rowOf(file) {
  const row = dialog.querySelector("template").content.firstElementChild.cloneNode(true);
  Object.assign(row.querySelector("[data-name]"), { textContent: nameOf(file), title: nameOf(file) });
  row.querySelector("select").setAttribute("aria-label", dialog.dataset.for.replace("{name}", nameOf(file)));
  return row;
}

all.addEventListener("change", () => {
  for (const choice of dialog.querySelectorAll("[data-list] select")) choice.value = all.value;
});
