// The theme is the server's to set, from the account; choosing another on the account page shows it at once.

for (const choice of document.querySelectorAll("[name=theme]")) {
  choice.addEventListener("change", () => {
    if (choice.value === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice.value;
  });
}
