/**
 * The test page of a screen, ?test=pattern, for whoever hangs it up (CR-65): is one pixel one pixel, does nothing lie behind
 * a bezel, do the colours come out, which text can be read from where. Numbers and the palette; no data.
 */
import { paletteOf } from "../map/incident_layer.js";
import { SHAPES } from "../ui/symbols.js";

/** @typedef {import("../screen/layout.js").Screen} Screen */

const FONT = '"IBM Plex Sans Variable"';
const BAR_PX = 100;
const INSET_PX = 4;
const ARC = 3437.75;
const SEEN = [16, 20, 30];

/** @param {Document} page @param {Screen} screen @param {number} cap height of a capital, em @returns {HTMLCanvasElement} over everything */
export function mountTestPattern(page, screen, cap) {
  const canvas = page.createElement("canvas");
  canvas.className = "test-pattern";
  page.body.append(canvas);
  const draw = () => {
    canvas.width = Math.round(innerWidth * devicePixelRatio);
    canvas.height = Math.round(innerHeight * devicePixelRatio);
    const pen = canvas.getContext("2d");
    if (pen) drawPattern(pen, { screen, cap, palette: paletteOf(page.documentElement), size: [canvas.width, canvas.height] });
  };
  addEventListener("resize", draw);
  draw();
  return canvas;
}

/** @typedef {{screen: Screen, cap: number, palette: import("../map/incident_layer.js").Palette, size: [number, number]}} Seen */

/** @param {CanvasRenderingContext2D} pen @param {Seen} seen */
function drawPattern(pen, seen) {
  const { palette, size: [width, height] } = seen;
  pen.fillStyle = palette.ground;
  pen.fillRect(0, 0, width, height);
  pen.strokeStyle = palette.text;
  pen.lineWidth = 1;
  // What is nearer the edge than this may be lost to the orbit or the frame (CR-68).
  for (const inset of [0, INSET_PX]) pen.strokeRect(inset + 0.5, inset + 0.5, width - 2 * inset - 1, height - 2 * inset - 1);
  drawBezels(pen, seen);
  for (const [x, y] of [[16, 16], [width - 80, 16], [16, height - 80], [width - 80, height - 80]]) drawChecks(pen, x ?? 0, y ?? 0, palette);
  pen.beginPath();
  pen.arc(width / 2, height / 2, height / 3, 0, 2 * Math.PI);
  pen.stroke();
  drawColours(pen, seen);
  drawWords(pen, seen);
}

/** Single pixels: grey from afar, sharp from near; any scaling shows as stripes. @param {CanvasRenderingContext2D} pen @param {number} x @param {number} y @param {Seen["palette"]} palette */
function drawChecks(pen, x, y, palette) {
  pen.fillStyle = palette.text;
  for (let row = 0; row < 64; row += 1) for (let column = row % 2; column < 64; column += 2) pen.fillRect(x + column, y + row, 1, 1);
}

/** @param {CanvasRenderingContext2D} pen @param {Seen} seen where one page spans panels */
function drawBezels(pen, { screen, palette, size: [width, height] }) {
  if (screen.tile.columns > 1 || screen.panels === 1) return;
  pen.fillStyle = palette.secondary;
  for (let column = 1; column < screen.panels; column += 1) pen.fillRect(Math.round((width * column) / screen.panels) - 1, 0, 2, height);
}

/** @param {CanvasRenderingContext2D} pen @param {Seen} seen the statuses, their shapes and the ring */
function drawColours(pen, { palette, size: [width, height] }) {
  const statuses = /** @type {const} */ (["waiting", "in_process", "done", "elsewhere"]);
  const side = height / 12;
  for (const [i, status] of statuses.entries()) {
    pen.save();
    pen.translate(width / 2 + (i - 1.5) * 1.6 * side, height * 0.4);
    pen.scale(side, side);
    pen.fillStyle = palette[status];
    pen.fill(new Path2D(SHAPES[status]));
    pen.restore();
  }
}

/** @param {CanvasRenderingContext2D} pen @param {Seen} seen the bar to be measured, and the sizes that can be read */
function drawWords(pen, { screen: { pitchMm, viewMm }, cap, palette, size: [width, height] }) {
  const [x, y] = [width / 2 - height / 4, height * 0.55];
  pen.fillStyle = palette.alarm;
  pen.fillRect(Math.round(x), Math.round(y), BAR_PX, 8);
  pen.fillStyle = palette.text;
  pen.font = `600 ${Math.max(16, height / 54)}px ${FONT}`;
  const mm = pitchMm === null ? "pitch_mm ?" : `${(BAR_PX * pitchMm).toFixed(1)} mm`;
  pen.fillText(`${BAR_PX} px = ${mm}     ${width} × ${height}     ratio ${devicePixelRatio}`, x, y + height / 22);
  let base = y + height / 10;
  for (const minutes of SEEN) {
    const capPx = viewMm === null || pitchMm === null ? 16 : (viewMm * minutes) / (ARC * pitchMm);
    base += (capPx / cap) * 1.3;
    pen.font = `600 ${capPx / cap}px ${FONT}`;
    pen.fillText(`${minutes}′ ABCDEFG 0123456789`, x, base);
  }
}
