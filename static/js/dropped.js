// What was dropped or chosen: single files, and everything inside folders, each called by its path from the folder down. Hidden files
// (a Mac's .DS_Store) are not documents.

const called = new WeakMap();

/** Return what a file is called, with the folders that it was found in. */
export function nameOf(file) {
  return called.get(file) || file.webkitRelativePath || file.name;
}

/** Return the files of a drop. The entries must be taken before the first await, or the browser forgets them. */
export async function documentsIn(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  const found = await Promise.all(entries.map(filesOf));
  return withoutHidden(found.flat());
}

/** Leave out what is hidden, and what lies in hidden folders. */
export function withoutHidden(files) {
  return files.filter((file) => !nameOf(file).split("/").some((part) => part.startsWith(".")));
}

async function filesOf(entry) {
  if (entry.isFile) return [await fileOf(entry)];
  const inside = await children(entry.createReader());
  return (await Promise.all(inside.map(filesOf))).flat();
}

async function fileOf(entry) {
  const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
  called.set(file, entry.fullPath.replace(/^\//, ""));
  return file;
}

/** A reader hands out a hundred entries at a time until it has none left. */
async function children(reader) {
  const all = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return all;
    all.push(...some);
  }
}
