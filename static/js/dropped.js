// What was dropped: single files, and everything inside dropped folders. Hidden files (a Mac's .DS_Store) are not documents.

/** Return the files of a drop. The entries must be taken before the first await, or the browser forgets them. */
export async function documentsIn(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  const found = await Promise.all(entries.map(filesOf));
  return found.flat().filter((file) => !file.name.startsWith("."));
}

async function filesOf(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const inside = await children(entry.createReader());
  return (await Promise.all(inside.map(filesOf))).flat();
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
