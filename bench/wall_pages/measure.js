/**
 * What every page of this bench is asked: how long frames take while the map moves, and what one change costs.
 */

export const CHANGES = 300;

/** @returns {Promise<number>} ms at the next frame */
export const frame = () => new Promise((go) => requestAnimationFrame(go));

/** @param {number} n @returns {Record<string, any[]>} the same n incidents every time, as the columns of a snapshot */
export function incidents(n) {
  let state = 11;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const rows = { id: [], seq: [], status: [], overdue: [], lat: [], lon: [] };
  for (let i = 0; i < n; i += 1) {
    rows.id.push(`card-${i}-${Math.floor(random() * 1e9)}`);
    rows.seq.push(i);
    rows.status.push(["waiting", "in_process", "done"][Math.floor(random() * 3)]);
    rows.overdue.push(random() < 0.1);
    rows.lat.push(-6.25 + 0.15 * random());
    rows.lon.push(106.55 + 0.2 * random());
  }
  return rows;
}

/** @param {any} map of Leaflet @returns {Promise<number[]>} ms of each frame while it is panned */
export async function pan(map) {
  const frames = [];
  let last = await frame();
  for (let step = 0; step < 60; step += 1) {
    map.panBy([step < 30 ? 12 : -12, 0], { animate: false });
    const now = await frame();
    frames.push(now - last);
    last = now;
  }
  return frames;
}

/** @param {any} map @returns {Promise<number[]>} ms from the order to zoom until it is painted */
export async function zoom(map) {
  const spans = [];
  for (const by of [1, 1, -1, -1]) {
    const start = performance.now();
    map.setZoom(map.getZoom() + by, { animate: false });
    await frame();
    await frame();
    spans.push(performance.now() - start);
  }
  return spans;
}

/** @param {() => void} change one card @returns {Promise<number[]>} ms that each of the changes holds the page */
export async function update(change) {
  const spans = [];
  for (let n = 0; n < CHANGES; n += 1) {
    await frame();
    const start = performance.now();
    change(n);
    spans.push(performance.now() - start);
  }
  return spans;
}
