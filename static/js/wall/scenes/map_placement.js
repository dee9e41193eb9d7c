/**
 * Placement of everything on the map, by rule: rings of unacknowledged alarms, triangles, names, bars, rings of acknowledged ones.
 * What comes later in that order makes room. Same input, same places, whatever the order of arrival (CR-86), and what has a place
 * keeps it while it is free, so that nothing hops when one mark comes or goes. All in units of the 3840 canvas.
 */

/** @typedef {{x: number, y: number, w: number, h: number}} Box left, top, width, height */
/** @typedef {{x: number, y: number}} Spot */
/** @typedef {{w: number, h: number}} Size */
/** @typedef {"left" | "right" | "above" | "below"} Side */
/**
 * @typedef {object} District
 * @property {string} code
 * @property {number} waiting
 * @property {readonly Spot[]} spots where its mark may stand, best first: the middle of the triangle's base
 * @property {Size} figure its triangle, or the small triangle with the figure beside it; nothing: nobody waits
 * @property {boolean} pointed whether that is a triangle, narrow at its top
 * @property {Size} name
 * @property {boolean} [over] whether its name may stand over the figure where it has no room under it
 * @property {Size} bars none: nothing in process, nothing done
 * @property {number} gap between them
 */
/**
 * @typedef {object} Mark
 * @property {string} id
 * @property {number} x of the place where it belongs
 * @property {number} y
 * @property {number} [rise] by which its land stands higher than its place on the map
 * @property {number} reach of its ring
 * @property {boolean} [must] it has a place whatever gives way
 * @property {Box | null} [beside] its lit land: it stands beside that, on a thread
 * @property {readonly Size[]} labels the sizes its name can take, best first
 */
/** @typedef {{mark: Mark, x: number, y: number, thread: Spot | null, label: (Box & {side: Side}) | null}} Placed thread: where the line from its place meets the ring */
/** @typedef {Spot & {name: Spot | null, bars: Spot | null}} Standing upper left corners of its name and bars, where they have room */
/**
 * @typedef {object} Plan
 * @property {Map<string, Standing>} districts
 * @property {Placed[]} marks
 * @property {string[]} folded marks without room: their districts count them
 * @property {Box[]} standing all that is read on it: words, figures, rings
 */
/** @typedef {{frame: Box, kept: readonly Box[], edges?: readonly Box[]}} Field kept: what must stay free (the question); edges: bezels, on which nothing stands */

/** So much further in than a mark a label ends. */
const INSET = 36;
/** How far a mark may move from its place unseen, and how far one that stands beside its land. */
const SHIFTS = [0, 20, 40, 60];
const BESIDE = [100, 116, 132, 148, 164, 180];
/** What must have a place and finds none goes further. */
const FAR = [220, 260, 320, 400];
const TURNS = 16;
const AIR = 8;
/** What it costs to stand there, and what one that stands keeps for it. */
const COST = { firm: 1e6, triangle: 900, name: 260, bars: 90, land: 400, hidden: 900, step: 0.25, unnamed: 1200, side: 3, crossed: { triangle: 500, name: 200 }, far: 300, stays: 80 };

/** @param {Box} a @param {Box} b */
export function overlap(a, b) {
  const w = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x);
  const h = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y);
  return w > 0 && h > 0 ? w * h : 0;
}

/** @param {Spot} spot @param {number} reach @returns {Box} */
export function around({ x, y }, reach) {
  return { x: x - reach, y: y - reach, w: 2 * reach, h: 2 * reach };
}

/** @param {Box} box @param {readonly Box[]} taken */
function covered(box, taken) {
  return taken.reduce((total, other) => total + overlap(box, other), 0);
}

/** @param {readonly Box[]} boxes @param {readonly Box[]} taken @returns {boolean} */
function meets(boxes, taken) {
  return boxes.some((box) => taken.some((other) => overlap(box, other) > 0));
}

/** @param {Box} inner @param {Box} outer */
export function inside(inner, outer) {
  return overlap(inner, outer) >= inner.w * inner.h - 1e-6;
}

/** @param {Spot} middle @param {readonly number[]} distances @returns {Spot[]} */
function circle(middle, distances) {
  return distances.flatMap((distance) => Array.from({ length: distance === 0 ? 1 : TURNS }, (_, turn) => {
    const angle = (turn * 2 * Math.PI) / TURNS;
    return { x: middle.x + distance * Math.cos(angle), y: middle.y + distance * Math.sin(angle) };
  }));
}

/** @param {{x: number, y: number, reach: number}} mark @param {readonly number[]} distances @param {readonly Box[]} taken @param {Box} frame @returns {Spot | null} */
export function freeSpot(mark, distances, taken, frame) {
  return circle(mark, distances).find((spot) => {
    const box = around(spot, mark.reach + AIR);
    return inside(box, frame) && covered(box, taken) === 0;
  }) ?? null;
}

// A district's mark: its figure, under it the name, under that the bars, together; each may be left out, the figure never.

/** What stands on land is cased, units. */
const CASING = 10;
/** How far a name may slide under its triangle, of its width. */
const SLIDES = [0, 0.2, -0.2, 0.4, -0.4];

/** @param {Spot} spot @param {Size} size @param {number} top @param {number} [slide] @returns {Box} */
function under({ x }, { w, h }, top, slide = 0) {
  return { x: x - w / 2 + slide * w, y: top, w, h };
}

/** @param {District} district @param {Spot} spot @returns {{figure: Box[], names: Box[], bars: Box[]}} the boxes that each may take, best first; a triangle's two halves */
export function boxesOf({ figure: { w, h }, pointed, name, over = false, bars, gap }, spot) {
  const { x, y } = spot;
  const wide = w + 2 * CASING;
  const whole = { x: x - wide / 2, y: y - h - CASING, w: wide, h: h + CASING };
  const halves = [{ x: x - wide / 4, y: y - h - CASING, w: wide / 2, h: h / 2 }, { x: x - wide / 2, y: y - h / 2 - CASING, w: wide, h: h / 2 + CASING }];
  const top = w > 0 ? y + gap : y - name.h / 2;
  return {
    figure: w === 0 ? [] : pointed ? halves : [whole],
    names: [top, ...(over ? [y - h - CASING - gap - name.h] : [])].flatMap((high) => SLIDES.map((slide) => under(spot, name, high, slide))),
    bars: bars.w === 0 ? [] : [under(spot, bars, top + name.h + gap), under(spot, bars, top)],
  };
}

/** @typedef {{figure: Box[], name: Box | null, bars: Box | null}} Laid */
/** @typedef {{spot: Spot, laid: Laid}} Stands */

/** @param {District} district @param {Spot} spot @param {readonly Box[]} taken @returns {Laid} what of it has room there */
function layAt(district, spot, taken) {
  const { figure, names, bars } = boxesOf(district, spot);
  const name = names.find((box) => !meets([box], taken)) ?? null;
  // Under the name, else in its place.
  const bar = bars[name ? 0 : 1];
  return { figure, name, bars: bar && !meets([bar], taken) ? bar : null };
}

/** @typedef {Field & {lit: readonly Box[]}} Ground lit: land that must be seen */

/** @param {District} district @param {readonly Box[]} taken @param {Ground} ground @param {Spot | undefined} before where it stood @returns {Stands} where it costs least */
function placeDistrict(district, taken, { frame, edges = [], lit }, before) {
  const firm = [...taken, ...edges];
  const [first = { x: 0, y: 0 }] = district.spots;
  /** @type {Stands | null} */
  let best = null;
  let least = Infinity;
  for (const spot of district.spots) {
    const laid = layAt(district, spot, firm);
    const { figure, names: [name], bars: [bars] } = boxesOf(district, spot);
    const over = figure.reduce((total, box) => total + covered(box, firm), 0);
    const out = [...figure, ...(name ? [name] : []), ...(bars ? [bars] : [])].some((box) => !inside(box, frame));
    const cost = (over > 0 ? COST.firm + over : 0) + (out ? COST.firm : 0) + (laid.name ? 0 : COST.name) + (laid.bars || !bars ? 0 : COST.bars)
      + hidden([...figure, ...(name ? [name] : [])], lit) * COST.hidden + Math.hypot(spot.x - first.x, spot.y - first.y) * COST.step - (before && same(spot, before) ? COST.stays : 0);
    if (cost < least) [best, least] = [{ spot, laid }, cost];
  }
  return best ?? { spot: first, laid: layAt(district, first, firm) };
}

/** @param {readonly Box[]} boxes @param {readonly Box[]} lit @returns {number} how much of the lit land they would hide, as shares of each */
function hidden(boxes, lit) {
  return lit.reduce((total, land) => total + covered(land, boxes) / (land.w * land.h), 0);
}

/** @param {Spot} a @param {Spot} b */
function same(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y) < 0.5;
}

/** @param {Laid} laid @returns {Box[]} */
function boxesIn({ figure, name, bars }) {
  return [...figure, ...(name ? [name] : []), ...(bars ? [bars] : [])];
}

/** @param {readonly District[]} districts in their order @param {readonly Box[]} firm @param {Ground} field @param {Plan | null} before @returns {Map<string, Stands>} figures first, then names, then bars */
function placeDistricts(districts, firm, field, before) {
  /** @type {Map<string, Stands>} */
  const placed = new Map();
  const taken = [...firm];
  for (const district of districts) {
    const stands = placeDistrict(district, taken, field, before?.districts.get(district.code));
    placed.set(district.code, stands);
    taken.push(...boxesIn(stands.laid));
  }
  return words(districts, placed, [...firm, ...(field.edges ?? [])]);
}

/** @param {readonly District[]} districts @param {Map<string, Stands>} placed @param {readonly Box[]} firm @returns {Map<string, Stands>} their words again, now that all figures stand: no name under another's triangle */
function words(districts, placed, firm) {
  const figures = [...placed].flatMap(([code, { laid }]) => laid.figure.map((box) => ({ code, box })));
  const others = new Map(districts.map(({ code }) => [code, [...firm, ...figures.flatMap((one) => (one.code === code ? [] : one.box))]]));
  /** @type {Box[]} */
  const names = [];
  for (const district of districts) {
    const stands = placed.get(district.code);
    if (!stands) continue;
    const found = layAt(district, stands.spot, [...(others.get(district.code) ?? firm), ...names]);
    stands.laid = { ...found, bars: null };
    if (found.name) names.push(found.name);
  }
  for (const district of districts) {
    const stands = placed.get(district.code);
    if (!stands) continue;
    const { bars } = boxesOf(district, stands.spot);
    const bar = bars[stands.laid.name ? 0 : 1];
    if (!bar || meets([bar], [...(others.get(district.code) ?? firm), ...names.filter((name) => name !== stands.laid.name)])) continue;
    stands.laid.bars = bar;
    names.push(bar);
  }
  return placed;
}

// A ring: near its place, or beside its lit land on a thread.

/** @typedef {{firm: Box[], triangles: Box[], names: Box[], bars: Box[], lit: Box[]}} Taken firm: nothing may cover it */

/** @param {Map<string, Stands>} placed @returns {Pick<Taken, "triangles" | "names" | "bars">} */
function sorted(placed) {
  const laid = [...placed.values()].map((stands) => stands.laid);
  return {
    triangles: laid.flatMap(({ figure }) => figure), names: laid.flatMap(({ name }) => name ?? []), bars: laid.flatMap(({ bars }) => bars ?? []),
  };
}

/** @param {Box} box @param {Taken} taken @returns {number} */
function costOf(box, { firm, triangles, names, bars, lit }) {
  const over = (/** @type {Box[]} */ boxes) => boxes.some((one) => overlap(box, one) > 0);
  const land = hidden([box], lit);
  return (over(firm) ? COST.firm + covered(box, firm) : 0) + (over(triangles) ? COST.triangle : 0) + (over(names) ? COST.name : 0) + (over(bars) ? COST.bars : 0) + land * COST.land;
}

/** @param {Spot} at @param {number} reach @param {Size} size @returns {Array<Box & {side: Side}>} where its label may stand, best first */
function labelSpots({ x, y }, reach, { w, h }) {
  const away = reach + 24;
  /** @type {Array<Box & {side: Side}>} */
  const spots = [];
  for (const slide of [0, 0.35, -0.35]) {
    spots.push({ side: "right", x: x + away, y: y - h / 2 + slide * h, w, h }, { side: "left", x: x - away - w, y: y - h / 2 + slide * h, w, h });
  }
  for (const slide of [0, 0.3, -0.3, 0.45, -0.45]) {
    const left = x - w / 2 + slide * w;
    spots.push({ side: "above", x: left, y: y - away - h, w, h }, { side: "below", x: left, y: y + away, w, h });
  }
  return spots;
}

/** @param {Mark} mark @param {Spot} at @param {Taken} taken @param {Box} frame @returns {{cost: number, label: (Box & {side: Side}) | null}} */
function placeLabel({ labels, reach }, at, taken, frame) {
  /** @type {{cost: number, label: (Box & {side: Side}) | null}} */
  let best = { cost: labels.length > 0 ? COST.unnamed : 0, label: null };
  const inner = { ...frame, x: frame.x + INSET, w: frame.w - 2 * INSET };
  for (const [i, size] of labels.entries()) {
    for (const [j, label] of labelSpots(at, reach, size).entries()) {
      if (!inside(label, inner)) continue;
      const cost = costOf(label, taken) + (i * 16 + j) * COST.side;
      if (cost < best.cost) best = { cost, label };
    }
  }
  return best;
}

/** @param {Mark} mark @returns {Spot[]} */
function spotsOf(mark) {
  if (mark.beside) return circle(mark, [...BESIDE, ...(mark.must ? FAR : [])]);
  return circle(mark, mark.must ? [...SHIFTS, 90, 120, 150, 180, ...FAR] : SHIFTS);
}

/** @param {Mark} mark @param {Taken} taken @param {Field} field @param {Placed | undefined} before @returns {Placed | null} where it costs least */
function placeMark(mark, taken, { frame, edges = [] }, before) {
  const all = { ...taken, firm: [...taken.firm, ...edges] };
  /** @type {Placed | null} */
  let best = null;
  let least = mark.must ? Infinity : COST.bars;
  for (const spot of spotsOf(mark)) {
    const ring = around(spot, mark.reach + AIR);
    const away = Math.hypot(spot.x - mark.x, spot.y - mark.y);
    const kept = before && same(spot, before) ? COST.stays : 0;
    const near = costOf(ring, all) + (inside(ring, frame) ? 0 : COST.firm) + away * COST.step + (mark.beside ? crossed(mark, spot, all) : 0) - kept;
    if (near >= least) continue;
    const { cost, label } = placeLabel(mark, spot, { ...all, firm: [...all.firm, ring] }, frame);
    if (near + cost < least) [best, least] = [{ mark, ...spot, thread: threadOf(mark, spot), label }, near + cost];
  }
  return best;
}

/** @param {Mark} mark @param {Spot} spot @returns {Spot | null} where the thread from its place meets its ring; it stands near enough without one */
function threadOf({ x, y, reach }, spot) {
  const away = Math.hypot(spot.x - x, spot.y - y);
  if (away <= reach) return null;
  return { x: spot.x + ((x - spot.x) / away) * reach, y: spot.y + ((y - spot.y) / away) * reach };
}

/** @param {Spot} place @param {Spot} spot @param {Taken} taken @returns {number} what it costs that its thread is long and runs over a figure or a name */
function crossed(place, spot, { triangles, names }) {
  const points = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7].map((part) => around({ x: place.x + (spot.x - place.x) * part, y: place.y + (spot.y - place.y) * part }, AIR));
  const far = Math.hypot(spot.x - place.x, spot.y - place.y) > (BESIDE.at(-1) ?? 0) + 0.001;
  return (meets(points, triangles) ? COST.crossed.triangle : 0) + (meets(points, names) ? COST.crossed.name : 0) + (far ? COST.far : 0);
}

/** @param {{code: string, waiting: number}} a @param {{code: string, waiting: number}} b */
function byWaiting(a, b) {
  return b.waiting - a.waiting || (a.code < b.code ? -1 : 1);
}

/** @param {Mark} a @param {Mark} b what must have a place chooses first, then what is named; then the id, which no arrival changes */
function byUrgencyThenId(a, b) {
  return Number(b.must ?? false) - Number(a.must ?? false) || b.labels.length - a.labels.length || (a.id < b.id ? -1 : 1);
}

/**
 * @param {readonly District[]} districts
 * @param {readonly Mark[]} marks
 * @param {Field} field frame = the scene
 * @param {Plan | null} [before] the last one on the same land
 * @returns {Plan}
 */
export function plan(districts, marks, field, before = null) {
  const order = [...districts].sort(byWaiting);
  const firm = [...field.kept];
  const lit = marks.flatMap(({ beside }) => beside ?? []);
  const ground = { ...field, lit };
  const stood = new Map(before?.marks.map((placed) => [placed.mark.id, placed]));
  /** @type {Placed[]} */
  const placed = [];
  /** @type {string[]} */
  const folded = [];
  /** @param {readonly Mark[]} group @param {() => Pick<Taken, "triangles" | "names" | "bars">} those */
  const place = (group, those) => {
    for (const mark of group) {
      const found = placeMark(mark, { firm, ...those(), lit }, field, stood.get(mark.id));
      if (!found) {
        folded.push(mark.id);
        continue;
      }
      placed.push(found);
      firm.push(around(found, mark.reach), ...(found.label ? [found.label] : []));
    }
  };
  const urgent = [...marks].sort(byUrgencyThenId);
  // The rings look where the districts would stand without them, so that as few as can be make room.
  const alone = sorted(placeDistricts(order, firm, ground, before));
  place(urgent.filter(({ must }) => must), () => alone);
  const stands = placeDistricts(order, firm, ground, before);
  const where = sorted(stands);
  const all = [...where.triangles, ...where.names, ...where.bars];
  firm.push(...all);
  place(urgent.filter(({ must }) => !must), () => ({ triangles: [], names: [], bars: [] }));
  return {
    districts: new Map([...stands].map(([code, { spot, laid }]) => [code, { ...spot, name: laid.name, bars: laid.bars }])),
    marks: placed, folded, standing: firm,
  };
}

/**
 * @param {readonly District[]} districts @param {readonly Mark[]} marks @param {readonly Box[]} kept
 * @returns {string} another one when a plan on the same land could be another: no figure counts in it, but which one is larger and what room it takes
 */
export function planKey(districts, marks, kept) {
  const sizes = [...districts].sort(byWaiting).map(({ code, figure, pointed, name, bars, gap }) => [code, [figure, name, bars].map(({ w, h }) => [Math.ceil(w), Math.ceil(h)]), pointed, gap]);
  return JSON.stringify([sizes, marks, kept]);
}

// Sizes of the triangles.

/** Height by the root of the number; the area is the number. */
const GROWTH = 58;
const LARGEST = 260;

/** @param {number} most the largest count of any district @returns {number} the 1-2-5 step at or above it: sizes keep still */
export function scaleTop(most) {
  const power = 10 ** Math.floor(Math.log10(Math.max(most, 1)));
  return Math.max(10, [1, 2, 5, 10].map((n) => n * power).find((n) => n >= most) ?? most);
}

/** @param {number} most the largest count @param {number} [growth] of the layout @returns {number} height of a triangle for one report, so that the largest stays below what a map can hold */
export function growthOf(most, growth = GROWTH) {
  return Math.min(growth, ((LARGEST * growth) / GROWTH) / Math.sqrt(scaleTop(most)));
}
