// Lays out the passages of a page that were rendered by the server, also those that htmx has just put there.
import { markLanguage } from "./language.js";
import { layOutAgain } from "./passage.js";

function layOutAll() {
  for (const passage of document.querySelectorAll(".passage:not([data-laid-out])")) {
    passage.dataset.laidOut = "yes";
    layOutAgain(passage);
    markLanguage(passage);
  }
}

document.addEventListener("htmx:afterSettle", layOutAll);
layOutAll();
