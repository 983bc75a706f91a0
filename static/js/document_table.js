// After a document was tried again, cancelled or deleted, the table asks for itself anew: its counts, and whether it has to keep
// asking, have changed with the row.

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.requestConfig.verb === "post" && event.detail.successful) htmx.trigger("#document-table", "refresh");
});
