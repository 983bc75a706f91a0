// After a document was tried again, cancelled or deleted, the table asks for itself anew: its counts, and whether it has to keep
// asking, have changed with the row.

document.addEventListener("htmx:afterSettle", (event) => {
  const { requestConfig } = event.detail;
  const table = document.getElementById("document-table");
  if (requestConfig?.verb === "post" && (table.contains(event.target) || !event.target.isConnected)) htmx.trigger(table, "refresh");
});
