// A button that saves one choice appears once the choice differs from what is stored. Without this script it is always there.

function update(field) {
  const button = field.form.querySelector("[data-when-changed]");
  button.hidden = [...field.options].every((option) => option.selected === option.defaultSelected);
}

for (const field of document.querySelectorAll("select[data-saved]")) {
  field.addEventListener("change", () => update(field));
  update(field);
}
