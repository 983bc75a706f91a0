// The choice of the model that answers is remembered in this browser, for each workspace; the workspace's own stays unsaid, so that
// it follows when the workspace changes it.

for (const choice of document.querySelectorAll("select[data-model-choice]")) {
  const key = `model ${choice.dataset.modelChoice}`;
  const remembered = localStorage.getItem(key);
  if ([...choice.options].some((option) => option.value === remembered)) choice.value = remembered;
  choice.addEventListener("change", () => {
    if (choice.value === choice.dataset.default) localStorage.removeItem(key);
    else localStorage.setItem(key, choice.value);
  });
}
