/**
 * Who sits at this desk: name and role, kept for this tab alone until log-in exists; and the desk's own id.
 */

/** @typedef {{actor: string, role: "duty" | "supervisor", screen: string}} Person */

const KEY = "liveroom.person";
const SCREEN = "liveroom.desk";

/** @param {Pick<Storage, "getItem" | "setItem">} storage of the tab @param {() => string} newId */
export function personAt(storage, newId) {
  const screen = storage.getItem(SCREEN) ?? `desk-${newId().slice(0, 8)}`;
  storage.setItem(SCREEN, screen);
  /** @returns {Person} */
  const read = () => {
    /** @type {any} */
    let kept = null;
    try {
      kept = JSON.parse(storage.getItem(KEY) ?? "null");
    } catch {
      // What is not ours to read counts as nobody.
    }
    const actor = typeof kept?.actor === "string" ? kept.actor : "";
    return { actor, role: kept?.role === "supervisor" ? "supervisor" : "duty", screen };
  };
  return {
    read,
    /** @param {string} actor @param {string} role */
    sit(actor, role) {
      storage.setItem(KEY, JSON.stringify({ actor: actor.trim().slice(0, 128), role }));
    },
  };
}
