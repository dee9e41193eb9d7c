/**
 * Store of this device (IndexedDB): reports that are not sent yet, and the links of those that are.
 */

/**
 * @typedef {{id: string, at: number, label: string, fields: Record<string, string>, photos: Blob[], ids: Record<number, string>, ticket?: string, given?: number, refused?: boolean}} Unsent `refused`: the room does not take it as it is
 * @typedef {{link: string, number: string, at: number}} Sent
 */

// Named by its address: an import map would be a script in the page.
const IDB = "/static/vendor/idb/build/index.js";

async function opened() {
  /** @type {typeof import("idb")} */
  const { openDB } = await import(IDB);
  return openDB("lapor", 1, {
    upgrade(base) {
      base.createObjectStore("unsent", { keyPath: "id" });
      base.createObjectStore("sent", { keyPath: "link" });
    },
  });
}

/** @returns {Promise<Unsent[]>} oldest first */
export async function unsent() {
  return (await (await opened()).getAll("unsent")).sort((one, other) => one.at - other.at);
}

/** @param {Unsent} report */
export async function keep(report) {
  await (await opened()).put("unsent", report);
}

/** @param {string} id */
export async function discard(id) {
  await (await opened()).delete("unsent", id);
}

/** @returns {Promise<Sent[]>} newest first */
export async function sent() {
  return (await (await opened()).getAll("sent")).sort((one, other) => other.at - one.at);
}

/** @param {Sent} report */
export async function remember(report) {
  await (await opened()).put("sent", report);
}

export async function forget() {
  await (await opened()).clear("sent");
}
