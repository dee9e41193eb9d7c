/**
 * Who works at the duty desk: whoever is logged in, else the name and role chosen for this tab; and how requests say so.
 */
import { createSender } from "../../feed/http.js";
import { whoIn } from "../../ui/user.js";
import { personAt } from "../desk_person.js";

/** @typedef {import("../desk_person.js").Person} Person */

/** @param {Document} page @param {Storage} storage of the tab @param {() => string} newId */
export function workerAt(page, storage, newId) {
  const who = whoIn(page);
  const kept = personAt(storage, newId);
  const read = () => /** @type {Person} */ (who ? { actor: who.actor, role: who.role === "duty" ? "duty" : "supervisor", screen: kept.read().screen } : kept.read());
  const send = createSender(who, () => ({ actor: read().actor, role: read().role }));
  return {
    read, sit: kept.sit, fixed: who !== null, screen: () => ({ screen: read().screen }),
    /** @param {string} url @param {unknown} body */
    post: (url, body) => send("POST", url, body),
    /** The room notes who reads; while nobody is logged in the request says who. @param {string} url @returns {Promise<unknown>} @throws {Error} when the answer is not 200 */
    async get(url) {
      const { actor, role } = read();
      const named = who || !actor ? url : `${url}${url.includes("?") ? "&" : "?"}${new URLSearchParams({ actor, role })}`;
      const { status, body } = await send("GET", named);
      if (status !== 200) throw new Error(`${status} for ${url}`);
      return body;
    },
  };
}
