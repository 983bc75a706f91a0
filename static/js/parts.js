// Sends a large document in parts. Each part says where it begins; after a lost network, a restart of the server or a reload of the page
// it goes on with what the server does not have yet.

const PAUSES = [1, 2, 4, 8, 15, 30, 30, 30, 60, 60, 60, 60]; // Seconds between tries; then it gives up for this time.
const FINAL = 507; // The server's disk is full: another try will not help.

/** Send `file` and return the last answer as {status, answer}; null when `signal` says to stop. */
export async function sendInParts(file, name, onConflict, { url, token, partBytes, signal, progress, waiting }) {
  const called = caller(token, signal, waiting);
  const fingerprint = `${file.lastModified}-${file.size}`;
  const body = JSON.stringify({ name, size: file.size, fingerprint, on_conflict: onConflict });
  const begin = () => called(url, { method: "POST", headers: { "Content-Type": "application/json" }, body });
  try {
    let last = await begin();
    while (last.status < 400 && !last.answer.results) last = await next(last.answer);
    return last;
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }

  async function next({ id, offset }) {
    progress(offset / file.size);
    const sent = await called(`${url}${id}/`, {
      method: "PATCH",
      headers: { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset) },
      body: file.slice(offset, offset + partBytes),
    });
    if (sent.answer.code === "wrong_offset") return called(`${url}${id}/`, { method: "GET" });
    return sent.status === 404 ? begin() : sent;
  }
}

/** Forget what was begun of a file that is not wanted any more. */
export async function forget(file, name, { url, token }) {
  const fingerprint = `${file.lastModified}-${file.size}`;
  const headers = { "X-CSRFToken": token };
  const response = await fetch(url, { headers }).catch(() => null);
  const { results } = response?.ok ? await response.json() : { results: [] };
  for (const { id } of results.filter((upload) => upload.fingerprint === fingerprint && upload.size === file.size && upload.name === name))
    await fetch(`${url}${id}/`, { method: "DELETE", headers }).catch(() => null);
}

/** Return what calls the server, and tries again while it or the network is away. */
function caller(token, signal, waiting) {
  return async function called(url, { headers = {}, ...more }) {
    for (const pause of [...PAUSES, 0]) {
      const response = await fetch(url, { ...more, headers: { ...headers, "X-CSRFToken": token }, signal }).catch(unlessStopped);
      if (response && (response.status < 500 || response.status === FINAL))
        return { status: response.status, answer: await response.json().catch(() => ({})) };
      waiting();
      await rest(pause);
    }
    throw new Error("unreachable");
  };

  function unlessStopped(error) {
    if (signal.aborted) throw error;
  }

  /** Wait so many seconds, or until the network is back. */
  function rest(seconds) {
    return new Promise((resolve, reject) => {
      setTimeout(resolve, seconds * 1000);
      window.addEventListener("online", resolve, { once: true });
      signal.addEventListener("abort", reject, { once: true });
    });
  }
}
