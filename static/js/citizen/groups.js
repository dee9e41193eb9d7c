/**
 * Groups of the public map: its squares in groups that a thumb can touch; the same squares and zoom, the same groups.
 */

/** @typedef {{waiting: number, in_process: number, done: number, overdue: number}} Tally */
/** @typedef {{row: number, column: number, area: number, matters: Map<number, Tally>, n: number}} Square `n` of all */
/** @typedef {{key: string, at: Square, squares: Square[], tally: Tally, areas: Set<number>, matters: Map<number, Tally>}} Group `at`: where its mark stands */

/** @param {[number, number, number, ...number[][]]} told a row of the room's answer @returns {Square} */
export function square([row, column, area, ...told]) {
  const matters = told.map(([matter = 0, waiting = 0, in_process = 0, done = 0, overdue = 0]) => /** @type {[number, Tally]} */ ([matter, { waiting, in_process, done, overdue }]));
  return { row, column, area, matters: new Map(matters), n: matters.reduce((sum, [, tally]) => sum + all(tally), 0) };
}

/**
 * A group stands where most is, and takes in what its mark would hide: so no two marks meet, and each is on a square.
 * @param {readonly Square[]} squares @param {number} wide @param {number} high of a mark, in squares
 * @returns {Map<string, Group>}
 */
export function grouped(squares, wide, high) {
  /** @type {Group[]} */
  const groups = [];
  const near = (/** @type {Square} */ one, /** @type {Square} */ other) => Math.abs(one.column - other.column) < wide && Math.abs(one.row - other.row) < high;
  for (const one of [...squares].sort((a, b) => b.n - a.n || a.row - b.row || a.column - b.column || a.area - b.area)) {
    if (!groups.some(({ at }) => near(one, at))) groups.push({ key: `${one.row}:${one.column}:${wide}`, at: one, squares: [], tally: none(), areas: new Set(), matters: new Map() });
  }
  for (const one of squares) take(nearest(groups, one, (group) => near(one, group.at)), one);
  return new Map(groups.map((group) => [group.key, group]));
}

/** @param {Tally} tally open and done */
export function all({ waiting, in_process, done }) {
  return waiting + in_process + done;
}

/** @param {readonly Group[]} groups @param {Square} one @param {(group: Group) => boolean} fits @returns {Group} */
function nearest(groups, one, fits) {
  const apart = (/** @type {Group} */ { at }) => (at.row - one.row) ** 2 + (at.column - one.column) ** 2;
  return groups.filter(fits).reduce((best, group) => (apart(group) < apart(best) ? group : best));
}

/** @param {Group} group @param {Square} one */
function take(group, one) {
  group.squares.push(one);
  group.areas.add(one.area);
  for (const [matter, tally] of one.matters) {
    add(group.tally, tally);
    group.matters.set(matter, add(group.matters.get(matter) ?? none(), tally));
  }
}

/** @param {Tally} sum @param {Tally} more @returns {Tally} the sum */
function add(sum, more) {
  sum.waiting += more.waiting;
  sum.in_process += more.in_process;
  sum.done += more.done;
  sum.overdue += more.overdue;
  return sum;
}

/** @returns {Tally} */
function none() {
  return { waiting: 0, in_process: 0, done: 0, overdue: 0 };
}
