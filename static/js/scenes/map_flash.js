/**
 * The marks of the map that flash stand in the page, above the canvas, so that the one flash of the stylesheet is theirs too.
 */
import { MOST } from "../screen/flash.js";
import { setSymbol, symbol } from "../ui/symbols.js";
import { moveTo } from "../ui/dom.js";

/** @typedef {import("../map/incident_layer.js").Incident} Incident */

export class FlashMarks {
  #nodes;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#nodes = Array.from({ length: MOST }, () => {
      const node = symbol("waiting");
      node.dataset.shown = "false";
      root.append(node);
      return node;
    });
  }

  /**
   * @param {readonly Incident[]} incidents @param {Pick<import("../ui/picture.js").Picture, "unacked" | "sceneFlashes" | "freshness">} picture
   * @returns {Incident[]} the same, those that flash marked
   */
  paint(incidents, { unacked, sceneFlashes, freshness }) {
    const flashing = sceneFlashes && freshness !== "lost" ? incidents.filter(({ id }) => unacked.has(id)).slice(0, MOST) : [];
    for (const [i, node] of this.#nodes.entries()) {
      const incident = flashing[i];
      node.dataset.shown = String(incident !== undefined);
      setSymbol(node, incident ? { status: incident.status, ring: incident.ring, flash: true, quiet: incident.quiet === true } : { flash: false });
      if (!incident) continue;
      node.style.setProperty("--z", String(incident.size));
      moveTo(node, incident.at[0], incident.at[1], "middle");
    }
    return incidents.map((incident) => (flashing.includes(incident) ? { ...incident, flashing: true } : incident));
  }
}
