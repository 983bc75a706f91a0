// A conversation on the page: asks over the socket, hands events to their answers, resumes after a loss, stops, asks again.
import { Answer } from "./answer.js";
import { confirmOn, copy } from "./copy.js";
import { follow } from "./follow.js";
import { markLanguage } from "./language.js";
import { LastingSocket } from "./socket.js";
import { toast } from "./toast.js";
import "./composer.js";
import "./source_card.js";

const page = document.getElementById("conversation");
const list = document.getElementById("messages");
const form = document.getElementById("composer");
const field = form.querySelector("textarea");
const status = document.getElementById("conversation-status");
const lost = document.getElementById("connection");

const choice = form.querySelector("select[data-model-choice]");
const LONGEST_SAID = 600;

const answers = new Map();
const scroll = follow(list, document.getElementById("to-end"));
let asked = null; // The question that has been asked and not yet confirmed: {text, element, frame, sent}.
let everLost = false;

for (const question of list.querySelectorAll(".question")) markLanguage(question);
for (const element of list.querySelectorAll(".answer")) adopt(new Answer(element));
const socket = new LastingSocket(page.dataset.socket, { onFrame: take, onState: connection });
update();
scroll.engage();

function adopt(answer) {
  answers.set(answer.id, answer);
}

function running() {
  return [...answers.values()].find((answer) => answer.isRunning);
}

// --- Asking ---

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (text && !running() && !asked) ask(text);
});

function ask(text) {
  const frame = { type: "ask", text, ...(choice ? { model: choice.value } : {}) };
  const sent = socket.send(frame);
  // On a page that is still connecting a question waits its moment; once a connection was lost, nobody knows for how long.
  if (!sent && everLost) return toast(status.dataset.offline, "error");
  asked = { text, element: showQuestion(text), frame, sent };
  field.value = "";
  field.dispatchEvent(new Event("input"));
  scroll.engage();
  update();
}

function showQuestion(text) {
  const element = document.getElementById("question-template").content.firstElementChild.cloneNode(true);
  element.querySelector("[data-text]").textContent = text;
  markLanguage(element);
  list.append(element);
  return element;
}

/** The socket was lost between a question and its confirmation: see whether it arrived, else give it back to the reader. */
async function settle() {
  if (!asked) return;
  const { text, element } = asked;
  const arrived = await fetchQuestion(text);
  if (!asked) return;
  asked = null;
  if (arrived) return location.reload();
  element.remove();
  field.value ||= text;
  toast(status.dataset.notSent, "error");
  update();
}

async function fetchQuestion(text) {
  const html = await (await fetch(location.href, { headers: { Accept: "text/html" } })).text();
  const questions = new DOMParser().parseFromString(html, "text/html").querySelectorAll("#messages .question [data-text]");
  return questions.length >= list.querySelectorAll(".question").length && [...questions].at(-1)?.textContent.trim() === text;
}

// --- What comes ---

function take(event) {
  if (event.type === "message.started") return started(event);
  const answer = answers.get(event.message);
  if (!answer) return refused(event);
  if (!answer.take(event)) return resume(answer);
  if (event.type === "message.done") finished(answer);
}

function started(event) {
  let answer = answers.get(event.message);
  if (!answer) {
    answer = begin(event);
    say(status.dataset.writing);
  }
  answer.take(event);
  update();
}

/** Put a new answer under its question, which was asked here or in another tab. */
function begin(event) {
  const question = list.querySelector(`.question[data-message="${event.parent}"]`) ?? asked?.element ?? showQuestion(event.question);
  question.dataset.message = event.parent;
  if (question === asked?.element) asked = null;
  const answer = Answer.begin(event);
  list.append(answer.element);
  adopt(answer);
  return answer;
}

/** An event of no answer we know: the server would not take the question. */
function refused(event) {
  if (event.type !== "error" || !asked) return;
  asked.element.remove();
  field.value ||= asked.text;
  asked = null;
  toast(event.error?.message ?? status.dataset.refused, "error");
  update();
}

function finished(answer) {
  const end = answer.element.dataset.status === "done" ? status.dataset.done : status.dataset.ended;
  say(`${end} ${answer.body.textContent.slice(0, LONGEST_SAID)}`);
  update();
}

// --- The connection ---

function connection(state) {
  lost.hidden = state === "open";
  if (state === "lost") {
    everLost = true;
    return;
  }
  for (const answer of answers.values()) if (answer.isRunning) resume(answer);
  if (asked && !asked.sent) asked.sent = socket.send(asked.frame);
  else if (everLost) settle();
}

function resume(answer) {
  socket.send({ type: "resume", message: answer.id, after: answer.seq });
}

// --- Buttons ---

document.getElementById("stop").addEventListener("click", () => {
  const answer = running();
  if (answer) socket.send({ type: "stop", message: answer.id });
});

list.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  const answer = answers.get(event.target.closest(".answer")?.dataset.message);
  if (!button || !answer) return;
  if (button.matches("[data-copy-answer]")) {
    await copy(answer.text);
    confirmOn(button);
  }
  if (button.matches("[data-again] *, [data-again]") && !running() && !asked) ask(questionOf(answer));
});

function questionOf(answer) {
  let before = answer.element.previousElementSibling;
  while (before && !before.matches(".question")) before = before.previousElementSibling;
  return before.querySelector("[data-text]").textContent.trim();
}

function update() {
  const busy = Boolean(running() || asked);
  document.getElementById("stop").hidden = !running();
  document.getElementById("send").hidden = Boolean(running());
  document.getElementById("send").disabled = busy;
}

function say(text) {
  status.textContent = text;
}
