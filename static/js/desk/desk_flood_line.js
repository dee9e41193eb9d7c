/**
 * The line of a flood of alarms in the head of a desk.
 */
import { setSymbol, symbol } from "../ui/symbols.js";
import { find, show, write } from "../ui/dom.js";

/** @param {Document} page @param {import("./desk_alarm_words.js").DeskRoom} room @returns {import("../ui/picture.js").Paint} */
export function mountFloodLine(page, { desk, format }) {
  const line = find(page, ".desk-flood");
  const shape = symbol("waiting");
  find(line, ".flood-symbol").append(shape);
  return ({ flood, freshness }) => {
    show(line, flood !== null);
    setSymbol(shape, { ring: "strong", flash: flood !== null && flood.n > 0 && freshness !== "lost" });
    write(find(line, ".flood-words"), flood ? desk("announce_flood", { n: format.number(flood.n) }) : "");
  };
}
