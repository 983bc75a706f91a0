// A button on each block of code that copies it. Put there once an answer is complete, since a growing one is drawn anew all the time.
import { confirmOn, copy } from "./copy.js";

const template = document.getElementById("copy-code-template");

/** Give every block of code in `root` a button. */
export function offerCopies(root) {
  for (const pre of root.querySelectorAll("pre")) {
    const button = template.content.firstElementChild.cloneNode(true);
    const frame = document.createElement("div");
    frame.className = "code-block";
    pre.replaceWith(frame);
    frame.append(pre, button);
    button.addEventListener("click", async () => {
      await copy(pre.textContent);
      confirmOn(button);
    });
  }
}
