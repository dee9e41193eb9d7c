/**
 * The land under a scene: folium's outlines as a slab whose areas carry data in four tones, light up, or rise.
 */

/** @typedef {{x: number, y: number}} Spot */
/** @typedef {{x: number, y: number, w: number, h: number}} Box */
/**
 * @typedef {object} LandLook
 * @property {"calm" | "flood" | "surge"} state flood and surge have tones of their own, and the rest of a flood sinks to one
 * @property {(area: string) => number | string} tone 0 to 3, or the name of one that says nothing
 * @property {ReadonlySet<string>} calling areas that light up: nobody has taken their alarm
 * @property {ReadonlySet<string>} raised districts of the flood or surge
 * @property {boolean} [flat] even a flood lifts nothing: the marks of this look belong to no district
 */

// How many of something make a tone: 0, 1, 2 and 3 or more, until a large city would be all of one tone.

/** The steps that a tone may take. */
const STEPS = [1, 2, 5];

/** @param {readonly number[]} counts of all areas @returns {number} how many more each tone means: the least by which half of the land at most has the lightest */
export function stepOf(counts) {
  const middle = [...counts].sort((a, b) => a - b)[Math.floor(counts.length / 2)] ?? 0;
  for (let power = 1; ; power *= 10) for (const step of STEPS) if (middle < 3 * step * power) return step * power;
}

/** @param {number} n @param {number} step @returns {number} 0 to 3 */
export function toneOf(n, step) {
  return Math.min(3, Math.floor(n / step));
}

// Outlines as paths: what an edge sweeps when the land moves down by so much. Pure.

/** @param {string} d of a path of straight lines, as Leaflet writes it @returns {Spot[][]} its rings */
function ringsOf(d) {
  return d.split("M").slice(1).map((ring) => [...ring.matchAll(/(-?[\d.]+)[ ,](-?[\d.]+)/g)].map(([, x, y]) => ({ x: Number(x), y: Number(y) })));
}

/** @param {string} d of an outline @param {number} from @param {number} to how far down @returns {string} the band that its edge sweeps; all parts turn the same way, so that none takes out another */
export function swept(d, from, to) {
  return ringsOf(d).flatMap((ring) => ring.map((a, i) => {
    const b = ring[(i + 1) % ring.length] ?? a;
    const [left, right] = a.x <= b.x ? [a, b] : [b, a];
    return left.x === right.x ? "" : `M${left.x} ${left.y + from}L${right.x} ${right.y + from}L${right.x} ${right.y + to}L${left.x} ${left.y + to}z`;
  })).join("");
}

// The land in the page: folium's own paths with a tone each, a slab beneath them, and above them what lights up or rises.

/** Units: how thick the slab is, how far a flooded district rises. */
const SLAB = 34;
export const RISE = 90;
const SVG = "http://www.w3.org/2000/svg";

/** @param {LandLook} look @returns {number} units by which its raised districts stand higher */
function riseIn({ state, flat }) {
  return state === "flood" && flat !== true ? RISE : 0;
}

/** @param {string} name @param {string} className @param {Record<string, string>} [attributes] @returns {SVGElement} */
function drawn(name, className, attributes = {}) {
  const node = document.createElementNS(SVG, name);
  node.setAttribute("class", className);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

/** @param {SVGGeometryElement | undefined} path @returns {string} */
function shapeOf(path) {
  return path?.getAttribute("d") ?? "";
}

export class Land {
  #leaflet;
  /** @type {Map<string, SVGGeometryElement>} */
  #areas = new Map();
  /** @type {Map<string, SVGGeometryElement>} */
  #districts = new Map();
  #under = drawn("g", "land-under");
  #over = drawn("g", "land-over");
  #unit = 1;
  #drawn = "";
  /** @type {LandLook | null} */
  #look = null;
  /** @type {(area: string) => string} */
  #districtOf;

  /** @param {import("leaflet").Map} leaflet with folium's outlines @param {(area: string) => string | null} districtOf */
  constructor(leaflet, districtOf) {
    this.#leaflet = leaflet;
    this.#districtOf = (area) => districtOf(area) ?? area;
    leaflet.eachLayer((layer) => {
      const { feature, options } = /** @type {any} */ (layer);
      const path = feature ? /** @type {any} */ (layer).getElement?.() : null;
      if (path) (options.fill ? this.#areas : this.#districts).set(String(feature.id), path);
    });
    const [first] = this.#areas.values();
    first?.parentElement?.before(this.#under);
    first?.parentElement?.after(this.#over);
    leaflet.on("moveend zoomend", () => this.#redraw());
  }

  /** @param {number} unit px of one unit of the canvas */
  measure(unit) {
    this.#unit = unit;
    this.#redraw();
  }

  /** @param {LandLook} look writes only what differs */
  paint(look) {
    this.#look = look;
    for (const [code, path] of this.#areas) this.#tone(path, code, look.state === "flood" ? "sunk" : String(look.tone(code)));
    this.#redraw();
  }

  /** @param {Spot} spot units from the map's corner @param {string} [code] of a district or an area, else anywhere @returns {boolean} whether it lies there */
  holds({ x, y }, code) {
    const { x: left, y: top } = this.#leaflet.containerPointToLayerPoint([x * this.#unit, y * this.#unit]);
    const own = code === undefined ? null : this.#districts.get(code) ?? this.#areas.get(code);
    const paths = code === undefined ? [...this.#areas.values()] : own ? [own] : [];
    return paths.some((path) => path.isPointInFill({ x: left, y: top }));
  }

  /** @param {string} code of a district or an area @returns {Box | null} around it before it rises, units from the map's corner */
  boxOf(code) {
    const path = this.#areas.get(code) ?? this.#districts.get(code);
    if (!path) return null;
    const { x, y, width, height } = path.getBBox();
    const corner = this.#leaflet.layerPointToContainerPoint([x, y]);
    return { x: corner.x / this.#unit, y: corner.y / this.#unit, w: width / this.#unit, h: height / this.#unit };
  }

  /** @param {Iterable<string>} [codes] of areas, else all districts @returns {string} their outlines as one path, where they lie in the map's pane */
  pathOf(codes) {
    return [...(codes ?? this.#districts.keys())].map((code) => shapeOf(this.#districts.get(code) ?? this.#areas.get(code))).join("");
  }

  /** @param {SVGElement} node @returns {boolean} laid over the tones, beneath what lights up; false where there is no land */
  lay(node) {
    const [first] = this.#areas.values();
    first?.parentElement?.after(node);
    return first !== undefined;
  }

  /** @returns {Box[]} around each district, units from the map's corner */
  boxes() {
    return [...this.#districts.keys()].flatMap((code) => this.boxOf(code) ?? []);
  }

  /** @param {Iterable<string>} [codes] of districts or areas, else all districts @returns {Path2D} their outlines, px from the map's corner */
  outlineOf(codes = this.#districts.keys()) {
    const { x, y } = this.#leaflet.layerPointToContainerPoint([0, 0]);
    const outlines = new Path2D();
    const d = [...codes].map((code) => shapeOf(this.#districts.get(code) ?? this.#areas.get(code))).join("");
    outlines.addPath(new Path2D(d), new DOMMatrix([1, 0, 0, 1, x, y]));
    return outlines;
  }

  /** @param {string} code of a district or an area @returns {number} units by which it stands higher now */
  riseOf(code) {
    return this.#look?.raised.has(this.#districtOf(code)) ? riseIn(this.#look) : 0;
  }

  /** @param {SVGElement} path @param {string} code @param {string} tone */
  #tone(path, code, tone) {
    if (path.dataset.tone !== tone) path.dataset.tone = tone;
    if (path.dataset.area !== code) path.dataset.area = code;
  }

  /** The slab and what stands above the land, where the outlines or what is to be seen of them have changed. */
  #redraw() {
    const [first] = this.#areas.values();
    const { state = "calm", calling = new Set(), raised = new Set() } = this.#look ?? {};
    const tones = [...raised].flatMap((district) => this.#areasOf(district).map((area) => this.#look?.tone(area) ?? 0));
    const now = [shapeOf(first).slice(0, 60), this.#unit, state, this.#look?.flat, [...calling].sort(), [...raised].sort(), tones].join(" ");
    if (now === this.#drawn || !first) return;
    this.#drawn = now;
    const outlines = [...this.#districts.values()].map(shapeOf).join("");
    this.#under.replaceChildren(
      drawn("path", "land-slab", { d: swept(outlines, 0, SLAB * this.#unit) }),
      drawn("path", "land-slab", { d: outlines, transform: `translate(0 ${SLAB * this.#unit})` }),
    );
    const above = [...calling].flatMap((code) => this.#lifted(code));
    this.#over.replaceChildren(
      ...this.#raised(state, [...raised].sort()),
      ...["land-casing", "land-calling"].flatMap((name) => above.map((attributes) => drawn("path", name, attributes))),
    );
  }

  /** @param {string} area @returns {Record<string, string>[]} its outline where it is seen now; none: it has none */
  #lifted(area) {
    const path = this.#areas.get(area);
    const rise = this.riseOf(area);
    return path ? [{ d: shapeOf(path), ...(rise > 0 ? { transform: `translate(0 ${-rise * this.#unit})` } : {}) }] : [];
  }

  /** @param {string} district @returns {string[]} */
  #areasOf(district) {
    return [...this.#areas.keys()].filter((area) => this.#districtOf(area) === district).sort();
  }

  /** @param {LandLook["state"]} state @param {readonly string[]} districts @returns {SVGElement[]} the districts of a flood on their walls; of a surge where they are */
  #raised(state, districts) {
    const outline = districts.map((code) => shapeOf(this.#districts.get(code))).join("");
    if (outline === "") return [];
    const rise = this.#look ? riseIn(this.#look) * this.#unit : 0;
    const faces = districts.flatMap((code) => this.#areasOf(code)).map((code) => {
      const face = drawn("path", "land-face", { d: shapeOf(this.#areas.get(code)) });
      this.#tone(face, code, `flooded-${this.#look?.tone(code) ?? 0}`);
      return face;
    });
    const top = drawn("g", `land-top land-top-${state}`, { transform: `translate(0 ${-rise})` });
    top.append(drawn("path", "land-top-casing", { d: outline }), drawn("path", "land-top-edge", { d: outline }), ...faces, ...districts.map((code) => drawn("path", "land-top-seam", { d: shapeOf(this.#districts.get(code)) })));
    return rise > 0 ? [drawn("path", "land-wall", { d: swept(outline, -rise, 0) }), top] : [top];
  }
}
