/**
 * A snapshot as our own pages ask for it: a line for the head, then a line for each block of cards, read while it comes.
 * Whoever does not ask for blocks, and a server that has none, speaks of whole columns; both end as columns here.
 */

/** Named in Accept. */
export const BLOCKS = "application/vnd.liveroom.blocks";

/** @typedef {<T>(awaited: Promise<T>) => Promise<T>} Heard how long the server may be silent */
/** @typedef {{rows: number, all: Record<string, unknown>, of: Record<string, [unknown[], number[]]>, each: Record<string, unknown[]>}} Block */

/** @param {Response} answer @param {Heard} heard @returns {AsyncGenerator<unknown>} the values of its lines; of another answer the one that it is */
export async function* piecesOf(answer, heard) {
  if (!answer.body) throw new TypeError("no body");
  const lines = linesOf(answer.body.getReader(), heard);
  if (answer.headers.get("Content-Type")?.startsWith(BLOCKS)) {
    for await (const line of lines) yield JSON.parse(line);
    return;
  }
  const whole = [];
  for await (const line of lines) whole.push(line);
  yield JSON.parse(whole.join("\n"));
}

/** @param {ReadableStreamDefaultReader<Uint8Array>} reader @param {Heard} heard @returns {AsyncGenerator<string>} */
async function* linesOf(reader, heard) {
  const decoder = new TextDecoder();
  /** @type {string[]} */
  let begun = [];
  try {
    for (let { done, value } = await heard(reader.read()); !done; { done, value } = await heard(reader.read())) {
      const [first = "", ...more] = decoder.decode(value, { stream: true }).split("\n");
      begun.push(first);
      for (const next of more) {
        yield begun.join("");
        begun = [next];
      }
    }
    if (begun.join("") !== "") yield begun.join("");
  } finally {
    // Nobody waits for what comes after a fault.
    reader.cancel().catch(() => undefined);
  }
}

/**
 * @param {Block} block
 * @returns {Record<string, unknown[]>} its columns; rows that share a value share the object too
 * @throws {TypeError} when it is none
 */
export function columnsOf({ rows, all, of, each }) {
  /** @type {Record<string, unknown[]>} */
  const columns = { ...each };
  for (const [name, value] of Object.entries(all)) columns[name] = new Array(rows).fill(value);
  for (const [name, [values, which]] of Object.entries(of)) columns[name] = which.map((one) => values[one]);
  if (!Object.values(columns).every(({ length }) => length === rows)) throw new TypeError("not a block");
  return columns;
}
