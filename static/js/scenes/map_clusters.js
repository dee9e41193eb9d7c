/**
 * The clusters of the map: a district's name, its waiting as a triangle with a figure, the rest small below.
 * One node each, made once; only what changed is written.
 */
import { ZERO } from "../feed/cards.js";
import { symbol } from "../ui/symbols.js";
import { element, mark, moveTo, show, write } from "../ui/dom.js";
import { nameSize } from "./map_names.js";
import { mountSplit, splitParts, splitWidths } from "./map_split.js";
import { boxes, NAME, nameRise, scaleTop, triangleSize } from "./placement.js";

/** @typedef {import("../feed/cards.js").Row} Row */
/** @typedef {import("./placement.js").Cluster} Cluster */

const SIZES = { fine: { least: 40, most: 118 }, coarse: { least: 34, most: 90 } };
const TRIANGLE = 1.14;
const GAP = 16;
/** Step of the counts, as in map.css and coarse.css. */
const FIGURE = { fine: 72, coarse: 60 };

export class Clusters {
  #room;
  /** @type {"fine" | "coarse"} */
  #density;
  #names;
  #nodes;

  /** @param {HTMLElement} root @param {import("../ui/picture.js").Room} room */
  constructor(root, room) {
    this.#room = room;
    this.#density = root.ownerDocument.documentElement.dataset.density === "coarse" ? "coarse" : "fine";
    this.#names = new Map(room.city.districts.map(({ code, name }) => [code, nameSize(name, this.#density, room)]));
    this.#nodes = new Map(room.city.districts.map(({ code, name }) => [code, mountCluster(root, name, room)]));
  }

  /**
   * @param {Map<string, Row>} rows @param {import("../map/base_map.js").BaseMap} base
   * @param {Map<string, number>} alone how many overdue of each district stand alone
   * @returns {Cluster[]}
   */
  measure(rows, base, alone) {
    const { city, format, width } = this.#room;
    const names = this.#names;
    const top = scaleTop(Math.max(0, ...city.districts.map(({ code }) => rows.get(code)?.waiting ?? 0)));
    return city.districts.map(({ code, lat, lon }) => {
      const row = rows.get(code) ?? ZERO;
      const size = triangleSize(row.waiting, top, SIZES[this.#density]);
      return {
        code, ...base.point(lat, lon), size, waiting: row.waiting, type: this.#room.type ?? 1,
        nameWidth: names.get(code)?.w ?? 0, nameLines: names.get(code)?.lines ?? 1,
        countWidth: size * TRIANGLE + GAP + width(format.number(row.waiting), FIGURE[this.#density], 600),
        splitWidths: splitWidths(splitParts(row, alone.get(code) ?? 0), this.#room),
      };
    });
  }

  /** @param {Map<string, Row>} rows @param {Cluster[]} laid @param {import("./placement.js").Plan} plan @param {Map<string, number>} alone */
  paint(rows, laid, { splits, named }, alone) {
    for (const cluster of laid) {
      const row = rows.get(cluster.code) ?? ZERO;
      const parts = splitParts(row, alone.get(cluster.code) ?? 0).slice(0, splits.get(cluster.code) ?? 0);
      this.#nodes.get(cluster.code)?.(cluster, row, parts, named.has(cluster.code));
    }
  }
}

/**
 * @param {HTMLElement} root @param {string} words @param {import("../ui/picture.js").Room} room
 * @returns {(cluster: Cluster, row: Row, parts: import("./map_split.js").Part[], named: boolean) => void}
 */
function mountCluster(root, words, room) {
  const [name, count] = [element("p", "cluster-name", words), element("p", "cluster-count")];
  const triangle = symbol("waiting");
  const split = mountSplit(room);
  const node = element("div", "cluster", name, triangle, count, split.node);
  root.append(node);
  return (cluster, row, parts, named) => {
    const { x, y, size, nameWidth, nameLines = 1, countWidth, type } = cluster;
    moveTo(node, x, y);
    mark(name, "data-lines", String(nameLines));
    name.style.width = `calc(${nameWidth.toFixed(1)} * var(--u) + 1px)`;
    moveTo(name, -nameWidth / 2, -nameRise(size, type) - (nameLines - 1) * NAME.height * (type ?? 1));
    moveTo(triangle, (size * TRIANGLE - countWidth) / 2, -size / 3, "middle");
    moveTo(count, size * TRIANGLE + GAP - countWidth / 2, 0);
    moveTo(split.node, 0, boxes(cluster).split.y - y);
    triangle.style.setProperty("--z", String(size));
    write(count, room.format.number(row.waiting));
    mark(node, "data-waiting", String(row.waiting));
    show(name, named);
    split.paint(parts);
  };
}
