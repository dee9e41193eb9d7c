/**
 * What people are called whose keys the feed gives: each is asked for once, when a desk first shows it; until then, and for
 * whoever has no log-in, the key itself stands.
 */

const AT_ONCE = 100;
const LOOK_EVERY_MS = 500;
const AGAIN_MS = 10_000;

/** By key; null while nobody has answered. @type {Map<string, string | null>} */
const known = new Map();
/** @type {Set<string>} */
const wanted = new Set();

/** @param {string} key of a person, or a name already @returns {string} */
export function called(key) {
  const name = known.get(key);
  if (name === undefined && key !== "" && key !== "–") {
    known.set(key, null);
    wanted.add(key);
  }
  return name ?? key;
}

/** What some keys are called here, told by the page itself. @param {Readonly<Record<string, string>>} names by key */
export function tellNames(names) {
  for (const [key, name] of Object.entries(names)) known.set(key, name);
}

/** @param {{get: (url: string) => Promise<unknown>, changed: () => void}} edge @returns {Promise<boolean>} whether all that is wanted was answered */
export async function askNames({ get, changed }) {
  const keys = [...wanted].slice(0, AT_ONCE);
  if (keys.length === 0) return true;
  try {
    const query = new URLSearchParams(keys.map((key) => ["of", key]));
    const { names } = /** @type {{names: Record<string, string>}} */ (await get(`/api/v1/names?${query}`));
    for (const key of keys) {
      wanted.delete(key);
      known.set(key, Object.hasOwn(names, key) ? String(names[key]) : key);
    }
  } catch {
    return false;
  }
  changed();
  return wanted.size === 0;
}

/** @param {Parameters<typeof askNames>[0]} edge */
export function keepNames(edge) {
  const look = async () => {
    const answered = await askNames(edge);
    setTimeout(look, answered ? LOOK_EVERY_MS : AGAIN_MS);
  };
  setTimeout(look, LOOK_EVERY_MS);
}
