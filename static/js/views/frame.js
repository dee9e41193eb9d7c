/**
 * Puts the screen's measures on the page: shape, tile, size of text, orbit and light. Numbers only; the stylesheets do the rest.
 */
import { flashRoom } from "../flash.js";
import { FONT } from "../measure.js";
import { COARSE, densityOf, lightAt, orbitAt, shapeOf } from "../screen.js";
import { mark } from "./text.js";

const CANVAS = { landscape: [3840, 2160], portrait: [2160, 3840], wide: [5760, 2160] };

/** @returns {number} height of a capital of the loaded font, em (CR-64) */
export function measuredCap() {
  const pen = document.createElement("canvas").getContext("2d");
  if (!pen) return 0.698;
  pen.font = `600 200px ${FONT}`;
  return pen.measureText("H").actualBoundingBoxAscent / 200 || 0.698;
}

/** @param {HTMLElement} page @param {string} name @param {string | number} value written only when it differs */
function set(page, name, value) {
  if (page.style.getPropertyValue(name) !== String(value)) page.style.setProperty(name, String(value));
}

/**
 * @param {HTMLElement} page @param {import("../screen.js").Screen} screen
 * @returns {{type: number, shape: import("../screen.js").Shape, flash: {band: boolean, scene: number}}} flash: what may; kept right when the window changes; type stays for the page's life
 */
export function frameScreen(page, screen) {
  const { tile, bezelPx } = screen;
  for (const [name, value] of Object.entries({ columns: tile.columns, rows: tile.rows, column: tile.column, row: tile.row })) {
    set(page, `--tile-${name}`, value);
  }
  set(page, "--bezel", `${bezelPx}px`);
  mark(page, "data-panels", String(screen.panels));
  const width = () => innerWidth * tile.columns + bezelPx * (tile.columns - 1);
  const height = () => innerHeight * tile.rows + bezelPx * (tile.rows - 1);
  const shapeNow = () => mark(page, "data-shape", shapeOf(width(), height()));
  shapeNow();
  addEventListener("resize", shapeNow);
  const shape = shapeOf(width(), height());
  const [across, down] = CANVAS[shape];
  const unit = Math.min(width() / (across ?? 1), height() / (down ?? 1));
  const { type, enough, density } = densityOf(screen, { cap: measuredCap(), unit }, shape);
  set(page, "--type", type.toFixed(4));
  mark(page, "data-type", type > 1.02 ? "large" : "sheet");
  mark(page, "data-density", density);
  mark(page, "data-readable", String(enough));
  return { type, shape, flash: flashRoom(screen, density === "coarse" ? unit * COARSE : unit) };
}

/** @param {HTMLElement} page @param {import("../screen.js").Screen} screen @param {number | null} serverNow ms @param {number | null} hour */
export function moveFrame(page, screen, serverNow, hour) {
  const { x, y } = serverNow === null ? { x: 0, y: 0 } : orbitAt(serverNow);
  set(page, "--orbit-x", `${x}px`);
  set(page, "--orbit-y", `${y}px`);
  set(page, "--shade", (1 - lightAt(screen, hour)).toFixed(2));
}
