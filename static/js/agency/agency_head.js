/**
 * What stands above the work: whose it is, how much, and how old what is shown is.
 */
import { find, mark, write } from "../ui/dom.js";

/** @typedef {import("./agency_room.js").WorkRoom} WorkRoom */
/** @typedef {{freshness: import("../feed/clock.js").Freshness, whole: boolean, age: number, waited: number, fresh: number, open: number, late: number, unseen: number}} HeadLook */

const PATIENCE_S = 8;

/** @param {Document} page @param {WorkRoom} room @returns {(look: HeadLook) => void} */
export function mountHead(page, room) {
  const { work, city, say, format, agency } = room;
  const name = city.agency(agency) ?? agency;
  const drill = page.documentElement.dataset.drill === "true";
  write(find(page, ".agency-name"), name);
  write(find(page, ".drill-band"), drill ? work("drill") : "");
  return (look) => {
    const joining = !look.whole && look.waited < PATIENCE_S;
    mark(page.documentElement, "data-freshness", look.freshness);
    mark(page.documentElement, "data-new", String(look.fresh));
    mark(find(page, ".chip"), "data-joining", String(joining));
    write(find(page, ".chip-word"), joining ? say("joining") : say(look.freshness));
    write(find(page, ".chip-age"), look.whole && Number.isFinite(look.age) && look.freshness !== "live" ? format.span(look.age * 1000) : "");
    const sums = [work("sum_new", { n: format.number(look.fresh) }), work("sum_open", { n: format.number(look.open) }), ...(look.late ? [work("sum_late", { n: format.number(look.late) })] : [])];
    write(find(page, ".agency-sum"), look.whole ? sums.join(" · ") : "");
    const lost = look.freshness === "lost" && !joining;
    const since = Number.isFinite(look.age) ? look.age : look.waited;
    mark(find(page, ".agency-lost"), "data-shown", String(lost));
    write(find(page, ".agency-lost"), lost ? work("lost", { span: format.span(since * 1000) }) : "");
    const count = look.fresh || look.unseen;
    const title = `${count ? `(${count}) ` : ""}${work("title", { agency: name })}`;
    if (page.title !== title) page.title = title;
  };
}
