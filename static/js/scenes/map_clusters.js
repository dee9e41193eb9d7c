/**
 * The clusters of the map: a district's name, its waiting as a triangle with a figure, the rest small below.
 * One node each, made once; only what changed is written.
 */
import { ZERO } from "../count.js";
import { setSymbol, symbol } from "../symbols.js";
import { element, mark, show, write } from "../views/text.js";
import { boxes, nameRise, scaleTop, triangleSize } from "./placement.js";

/** @typedef {import("../count.js").Row} Row */
/** @typedef {import("./placement.js").Cluster} Cluster */
/** @typedef {import("../wire.js").Card} Card */

const SIZES = { least: 40, most: 118 };
const TRIANGLE = 1.14;
/** IBM Plex Sans: every digit and the point of thousands at most this wide, in em. */
const DIGIT = 0.6;
const FIGURE = 72;
const CAPTION = 48;
const SMALL = 30;

/** @param {string} words @param {number} size @returns {number} width of figures, units */
function figureWidth(words, size) {
  return words.length * DIGIT * size;
}

/**
 * @param {HTMLElement} root @param {import("../picture.js").Room} room
 */
export function mountClusters(root, { city, format }) {
  const nodes = new Map(city.districts.map((district) => [district.code, mountCluster(root, district.name)]));
  return {
    /** @param {Map<string, Row>} rows @param {import("../base_map.js").BaseMap} base @returns {Cluster[]} */
    measure(rows, base) {
      const top = scaleTop(Math.max(0, ...city.districts.map(({ code }) => rows.get(code)?.waiting ?? 0)));
      return city.districts.map(({ code, name, lat, lon }) => {
        const row = rows.get(code) ?? ZERO;
        const size = triangleSize(row.waiting, top, SIZES);
        const split = splitParts(row, format).map(({ words }) => SMALL * 1.2 + 10 + figureWidth(words, CAPTION));
        return {
          code, ...base.point(lat, lon), size, waiting: row.waiting,
          nameWidth: name.length * 0.52 * CAPTION,
          countWidth: size * TRIANGLE + 16 + figureWidth(format.number(row.waiting), FIGURE),
          splitWidth: split.length > 0 ? split.reduce((a, b) => a + b) + 26 * (split.length - 1) : 0,
        };
      });
    },
    /** @param {Map<string, Row>} rows @param {Cluster[]} laid @param {import("./placement.js").Plan} places @param {{card: Card}[]} alone */
    paint(rows, laid, places, alone) {
      for (const cluster of laid) {
        const row = rows.get(cluster.code) ?? ZERO;
        const apart = alone.filter(({ card }) => city.districtOf(card.area ?? "") === cluster.code).length;
        nodes.get(cluster.code)?.(cluster, row, Math.max(0, row.overdue - apart), !places.hidden.has(cluster.code), format);
      }
    },
  };
}

/** @param {Row} row @param {import("../format.js").Format} format */
function splitParts({ in_process, done }, format) {
  return [{ status: "in_process", n: in_process }, { status: "done", n: done }]
    .filter(({ n }) => n > 0)
    .map(({ status, n }) => ({ status, words: format.number(n) }));
}

/** @param {HTMLElement} node @param {number} x @param {number} y units */
export function moveTo(node, x, y) {
  const place = `translate(calc(${x.toFixed(1)} * var(--u)), calc(${y.toFixed(1)} * var(--u)))`;
  if (node.style.transform !== place) node.style.transform = place;
}

/**
 * @param {HTMLElement} root @param {string} words
 * @returns {(cluster: Cluster, row: Row, rest: number, split: boolean, format: import("../format.js").Format) => void}
 */
function mountCluster(root, words) {
  const name = element("p", "cluster-name", words);
  const [count, rest] = [element("span", "cluster-count"), element("span", "cluster-rest")];
  const triangle = symbol("waiting");
  const figure = element("p", "cluster-figure", triangle, count, rest);
  const paintSplit = mountSplit();
  const node = element("div", "cluster", name, figure, paintSplit.node);
  root.append(node);
  return (cluster, row, late, split, format) => {
    const { x, y, size } = cluster;
    moveTo(node, x, y);
    moveTo(name, 0, -nameRise(size));
    write(count, format.number(row.waiting));
    triangle.style.setProperty("--z", String(size));
    show(figure, size > 0);
    write(rest, late > 0 ? format.number(late) : "");
    show(rest, late > 0);
    mark(node, "data-waiting", String(row.waiting));
    paintSplit.paint(row, split, boxes(cluster).split.y - y, format);
  };
}

function mountSplit() {
  const parts = /** @type {const} */ (["in_process", "done"]).map((status) => {
    const [shape, figure] = [symbol(status), element("span", "split-count")];
    setSymbol(shape, { zero: false });
    return { status, figure, part: element("span", "split-part", shape, figure) };
  });
  const node = element("p", "cluster-split", ...parts.map(({ part }) => part));
  return {
    node,
    /** @param {Row} row @param {boolean} shown @param {number} y @param {import("../format.js").Format} format */
    paint(row, shown, y, format) {
      show(node, shown);
      moveTo(node, 0, y);
      for (const { status, figure, part } of parts) {
        mark(part, "data-empty", String(row[status] === 0));
        write(figure, format.number(row[status]));
      }
    },
  };
}
