/**
 * The one banner of a flood: how many, where, since when, who has most of them. It hides nothing: the desk lists all.
 */
import { countAlarms } from "../ui/alarms.js";
import { setSymbol, symbol } from "../ui/symbols.js";
import { element, find, mark, show, write } from "../ui/dom.js";

/** @typedef {import("../ui/picture.js").Picture} Picture */
/** @typedef {import("../ui/picture.js").Room} Room */
/** @typedef {import("../ui/alarms.js").Flood} Flood */

const SHARES = 4;
const KINDS = /** @type {const} */ (["critical", "passed", "lost", "warned"]);

/** @param {HTMLElement} banner @param {Room} room @returns {(picture: Picture, blocks: number) => void} blocks of the wall it may take */
export function mountFlood(banner, room) {
  const shape = symbol("waiting");
  banner.prepend(shape);
  const [many, where, kinds] = [find(banner, ".flood-n"), find(banner, ".flood-where"), find(banner, ".flood-kinds")];
  const shares = Array.from({ length: SHARES }, () => mountShare(find(banner, ".flood-shares")));
  const [age, who, rest] = [find(banner, ".flood-age"), find(banner, ".flood-who"), find(banner, ".flood-rest")];
  return (picture, blocks) => {
    const { flood } = picture;
    for (const [i, paint] of shares.entries()) paint(flood?.shares[i] ?? null, room, picture);
    show(banner, flood !== null);
    mark(banner, "data-blocks", String(blocks));
    setSymbol(shape, { ring: "strong", flash: flood !== null && flood.n > 0 });
    if (!flood) return [many, where, kinds, age, who, rest].forEach((words) => write(words, ""));
    write(many, room.say("flood_n", { n: room.format.number(flood.n) }));
    write(where, whereWords(flood, picture, room));
    write(kinds, kindWords(flood, room));
    write(age, room.say("flood_age", { span: oldestWords(picture, room) }));
    write(who, whoWords(flood, room));
    write(rest, restWords(picture, room));
  };
}

/** @param {HTMLElement} list @returns {(share: import("../ui/alarms.js").Share | null, room: Room, picture: Picture) => void} */
function mountShare(list) {
  const [n, name] = [element("span", "share-n"), element("span", "share-name")];
  const item = element("li", "share", n, name);
  list.append(item);
  return (share, { format, say, city }, { state }) => {
    show(item, share !== null);
    if (!share) return [n, name].forEach((words) => write(words, ""));
    write(n, format.number(share.n));
    const id = share.key.slice(1);
    if (share.key.startsWith("@")) write(name, city.source(id) ?? state.sources.find((one) => one.id === id)?.name ?? id);
    else write(name, city.agency(share.key) ?? say("no_agency"));
  };
}

/** @param {Flood} flood @param {Picture} picture @param {Room} room */
function whereWords({ districts, since }, { at }, { say, format }) {
  const span = at === null || since === null ? "–" : format.span(at - since);
  if (districts.size === 0) return say("flood_since", { span });
  return say("flood_where", { n: format.number(districts.size), span });
}

/** @param {Flood} flood @param {Room} room by class and by priority (CR-26) */
function kindWords({ kinds, priorities }, { say, format }) {
  const named = KINDS.flatMap((kind) => {
    const n = kinds.get(kind) ?? 0;
    return n > 0 ? [say(`flood_${kind}`, { n: format.number(n) })] : [];
  });
  const ranked = /** @type {const} */ ([1, 2, 3]).flatMap((p) => (priorities[p] > 0 ? [`P${p} ${format.number(priorities[p])}`] : []));
  return [...named, ...ranked].join(", ");
}

/** @param {Picture} picture @param {Room} room for how long the oldest has waited */
function oldestWords({ state, at }, { format }) {
  const times = [...state.alarms.values()].flatMap((alarm) => {
    const since = Date.parse(alarm.activated_at ?? alarm.raised_at ?? "");
    return alarm.state === "unacked" && !Number.isNaN(since) ? [since] : [];
  });
  return at === null || times.length === 0 ? "–" : format.span(at - Math.min(...times));
}

/** @param {Flood} flood @param {Room} room the two agencies that have most of them; a source does not act */
function whoWords({ shares }, { say, city }) {
  const names = shares.flatMap(({ key }) => (key.startsWith("@") ? [] : city.agency(key) ?? [])).slice(0, 2);
  if (names.length === 0) return say("flood_desk");
  return names.length === 1 ? say("flood_one", { agency: names[0] ?? "" }) : say("flood_two", { agency: names[0] ?? "", other: names[1] ?? "" });
}

/** @param {Picture} picture @param {Room} room */
function restWords({ state }, { say, format }) {
  const { acked, returned } = countAlarms(state.alarms.values());
  const late = state.counts?.stock?.overdue ?? state.tally.total.overdue;
  const parts = [say("overdue_n", { n: format.number(late) })];
  if (acked > 0) parts.push(say("acked_n", { n: format.number(acked) }));
  if (returned > 0) parts.push(say("returned_n", { n: format.number(returned) }));
  return parts.join(", ");
}
