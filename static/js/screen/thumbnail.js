/**
 * Thumbnail of what a page shows, for whoever looks after the screens: its boxes, words, shapes and canvases drawn
 * anew on a canvas of 480 pixels. No likeness to the pixel, but scene, counts and map are told apart at a glance.
 */

const WIDTH = 480;
const MOST = 2500;
const QUALITIES = [0.7, 0.5, 0.35, 0.2];
/** Characters of a data address that hold 30 kB. */
const LONGEST = 40_000;

/** @typedef {{pen: CanvasRenderingContext2D, scale: number}} Sheet */

/** @param {HTMLElement} root @returns {string | null} a JPEG as a data address */
export function drawThumbnail(root) {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = Math.round((WIDTH * innerHeight) / Math.max(1, innerWidth));
  const pen = canvas.getContext("2d");
  if (!pen || canvas.height === 0 || canvas.height > 4 * WIDTH) return null;
  const sheet = { pen, scale: WIDTH / innerWidth };
  pen.fillStyle = getComputedStyle(document.documentElement).backgroundColor;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  try {
    for (const element of [...root.querySelectorAll("*")].slice(0, MOST)) draw(sheet, element);
    return smallEnough(canvas);
  } catch {
    return null;
  }
}

/** @param {HTMLCanvasElement} canvas */
function smallEnough(canvas) {
  for (const quality of QUALITIES) {
    const address = canvas.toDataURL("image/jpeg", quality);
    if (address.length <= LONGEST) return address;
  }
  return null;
}

/** @param {Sheet} sheet @param {Element} element */
function draw(sheet, element) {
  if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return;
  const box = element.getBoundingClientRect();
  if (box.right <= 0 || box.bottom <= 0 || box.left >= innerWidth || box.top >= innerHeight) return;
  if (element instanceof HTMLCanvasElement) sheet.pen.drawImage(element, ...placed(sheet, box));
  else if (element instanceof SVGGeometryElement) drawShape(sheet, element);
  else if (element instanceof HTMLElement) drawBox(sheet, element, box);
}

/** @param {Sheet} sheet @param {DOMRect} box @returns {[number, number, number, number]} */
function placed({ scale }, { left, top, width, height }) {
  return [left * scale, top * scale, width * scale, height * scale];
}

/** @param {Sheet} sheet @param {HTMLElement} element @param {DOMRect} box */
function drawBox(sheet, element, box) {
  const style = getComputedStyle(element);
  if (!/, 0\)$|transparent/.test(style.backgroundColor) && Number(style.opacity) > 0.3) {
    sheet.pen.fillStyle = style.backgroundColor;
    sheet.pen.fillRect(...placed(sheet, box));
  }
  for (const node of element.childNodes) {
    if (node instanceof Text && node.data.trim()) drawWords(sheet, node, style);
  }
}

/** @param {Sheet} sheet @param {Text} node @param {CSSStyleDeclaration} style */
function drawWords({ pen, scale }, node, style) {
  const range = document.createRange();
  range.selectNodeContents(node);
  const box = range.getBoundingClientRect();
  pen.fillStyle = style.color;
  pen.font = `${style.fontWeight} ${parseFloat(style.fontSize) * scale}px ${style.fontFamily}`;
  pen.textBaseline = "middle";
  pen.fillText(node.data.trim().slice(0, 120), box.left * scale, (box.top + box.height / 2) * scale, Math.max(1, box.width * scale));
}

/** @param {Sheet} sheet @param {SVGGeometryElement} shape */
function drawShape({ pen, scale }, shape) {
  const place = shape.getScreenCTM();
  const path = pathOf(shape);
  if (!place || !path) return;
  const style = getComputedStyle(shape);
  pen.save();
  pen.setTransform(place.a * scale, place.b * scale, place.c * scale, place.d * scale, place.e * scale, place.f * scale);
  if (/^rgb/.test(style.fill)) {
    pen.globalAlpha = Number(style.fillOpacity) * Number(style.opacity);
    pen.fillStyle = style.fill;
    pen.fill(path);
  }
  if (/^rgb/.test(style.stroke) && parseFloat(style.strokeWidth) > 0) {
    pen.globalAlpha = Number(style.strokeOpacity) * Number(style.opacity);
    pen.strokeStyle = style.stroke;
    pen.lineWidth = parseFloat(style.strokeWidth);
    pen.stroke(path);
  }
  pen.restore();
}

/** @param {SVGGeometryElement} shape @returns {Path2D | null} */
function pathOf(shape) {
  if (shape instanceof SVGPathElement) return new Path2D(shape.getAttribute("d") ?? "");
  if (!(shape instanceof SVGCircleElement)) return null;
  const path = new Path2D();
  path.arc(shape.cx.baseVal.value, shape.cy.baseVal.value, shape.r.baseVal.value, 0, 2 * Math.PI);
  return path;
}
