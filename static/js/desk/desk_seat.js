/**
 * Who sits at a page that a supervisor acts on: asked for before the first order, unless somebody is logged in.
 */
import { ask } from "./desk_dialogs.js";
import { find, write } from "../ui/dom.js";

/** @typedef {(key: "sitting" | "person_first", values?: Record<string, string>) => string} Say */
/** @typedef {{say: Say, person: ReturnType<typeof import("./desk_person.js").personAt>, who: import("../feed/http.js").Who | null}} Seat */

/** @param {Document} page @param {Seat} seat @returns {() => Promise<boolean>} whether somebody is there, asked if need be */
export function mountSeat(page, { say, person, who }) {
  const sitting = find(page, '[data-act="person"]');
  const paint = () => write(sitting, person.read().actor ? say("sitting", { actor: person.read().actor }) : say("person_first"));
  const sit = async () => {
    const given = await ask(page, "person");
    if (given?.actor) person.sit(given.actor, "supervisor");
    paint();
  };
  sitting.hidden = who !== null;
  paint();
  sitting.addEventListener("click", () => void sit());
  return async () => {
    if (who === null && !person.read().actor) await sit();
    return who !== null || person.read().actor !== "";
  };
}
