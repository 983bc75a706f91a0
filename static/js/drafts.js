// A question that was begun stays in its box over a reload, for this tab: until it is asked, or emptied.

/** Keep what is typed into `field` under the address of the page. */
export function keepDraft(field) {
  const key = `draft ${location.pathname}`;
  field.value ||= sessionStorage.getItem(key) ?? "";
  field.addEventListener("input", () => {
    if (field.value.trim()) sessionStorage.setItem(key, field.value);
    else sessionStorage.removeItem(key);
  });
  field.form.addEventListener("submit", () => field.value.trim() && sessionStorage.removeItem(key));
}
