// The choice of the model that answers is remembered in this browser, for each workspace; the workspace's own stays unsaid, so that
// it follows when the workspace changes it.

/** Take up the choice that was made in `select` before, if there is one to make. */
export function rememberModel(select) {
  if (!select) return;
  const key = `model ${select.dataset.modelChoice}`;
  const remembered = localStorage.getItem(key);
  if ([...select.options].some((option) => option.value === remembered)) select.value = remembered;
  select.addEventListener("change", () => {
    if (select.value === select.dataset.default) localStorage.removeItem(key);
    else localStorage.setItem(key, select.value);
  });
}
