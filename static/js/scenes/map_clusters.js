/**
 * The clusters of the map: a district's name, its waiting as a triangle with a figure, the rest small below.
 * One node each, made once; only what changed is written.
 */
import { ZERO } from "../count.js";
import { symbol } from "../symbols.js";
import { element, mark, moveTo, show, write } from "../views/text.js";
import { mountSplit, splitParts, splitWidths } from "./map_split.js";
import { boxes, nameRise, overlap, scaleTop, triangleSize } from "./placement.js";

/** @typedef {import("../count.js").Row} Row */
/** @typedef {import("./placement.js").Cluster} Cluster */

const SIZES = { least: 40, most: 118 };
const TRIANGLE = 1.14;
const GAP = 16;
const FIGURE = 72;
const CAPTION = 48;
/** So much of a name may lie under something else. */
const COVERED = 0.02;

export class Clusters {
  #room;
  #nodes;

  /** @param {HTMLElement} root @param {import("../picture.js").Room} room */
  constructor(root, room) {
    this.#room = room;
    this.#nodes = new Map(room.city.districts.map(({ code, name }) => [code, mountCluster(root, name, room)]));
  }

  /**
   * @param {Map<string, Row>} rows @param {import("../base_map.js").BaseMap} base
   * @param {Map<string, number>} alone how many overdue of each district stand alone
   * @returns {Cluster[]}
   */
  measure(rows, base, alone) {
    const { city, format, width } = this.#room;
    const top = scaleTop(Math.max(0, ...city.districts.map(({ code }) => rows.get(code)?.waiting ?? 0)));
    return city.districts.map(({ code, name, lat, lon }) => {
      const row = rows.get(code) ?? ZERO;
      const size = triangleSize(row.waiting, top, SIZES);
      return {
        code, ...base.point(lat, lon), size, waiting: row.waiting,
        nameWidth: width(name, CAPTION, 400),
        countWidth: size * TRIANGLE + GAP + width(format.number(row.waiting), FIGURE, 600),
        splitWidths: splitWidths(splitParts(row, alone.get(code) ?? 0), this.#room),
      };
    });
  }

  /** @param {Map<string, Row>} rows @param {Cluster[]} laid @param {Map<string, number>} splits @param {Map<string, number>} alone */
  paint(rows, laid, splits, alone) {
    const named = namedOf(laid);
    for (const cluster of laid) {
      const row = rows.get(cluster.code) ?? ZERO;
      const parts = splitParts(row, alone.get(cluster.code) ?? 0).slice(0, splits.get(cluster.code) ?? 0);
      this.#nodes.get(cluster.code)?.(cluster, row, parts, named.has(cluster.code));
    }
  }
}

/** @param {readonly Cluster[]} laid @returns {Set<string>} codes whose name has room; where two collide, the one with more waiting keeps it */
function namedOf(laid) {
  const counts = laid.map((cluster) => boxes(cluster).count);
  const order = [...laid].sort((a, b) => b.waiting - a.waiting || (a.code < b.code ? -1 : 1));
  /** @type {import("./placement.js").Box[]} */
  const names = [];
  return new Set(order.flatMap((cluster) => {
    const { name } = boxes(cluster);
    const most = name.w * name.h * COVERED;
    if ([...counts, ...names].some((box) => overlap(name, box) > most)) return [];
    names.push(name);
    return [cluster.code];
  }));
}

/**
 * @param {HTMLElement} root @param {string} words @param {import("../picture.js").Room} room
 * @returns {(cluster: Cluster, row: Row, parts: import("./map_split.js").Part[], named: boolean) => void}
 */
function mountCluster(root, words, room) {
  const [name, count] = [element("p", "cluster-name", words), element("p", "cluster-count")];
  const triangle = symbol("waiting");
  const split = mountSplit(room);
  const node = element("div", "cluster", name, triangle, count, split.node);
  root.append(node);
  return (cluster, row, parts, named) => {
    const { x, y, size, nameWidth, countWidth } = cluster;
    moveTo(node, x, y);
    moveTo(name, -nameWidth / 2, -nameRise(size));
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
