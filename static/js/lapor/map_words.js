/** What the public map says by itself. */

const ID = {
  map: "Peta laporan",
  show: "Muat peta (sekitar {kb} kB)",
  failed: "Peta tidak bisa dimuat. Daftarnya ada di bawah.",
  loading: "Memuat peta…",
  hint: "Ketuk angka di peta untuk melihat rinciannya.",
  waiting: "menunggu",
  in_process: "dalam proses",
  done: "selesai",
  overdue: "terlambat",
  more: "dan {n} hal lain",
  others: "dan {n} kelurahan lain",
};

/** @type {typeof ID} */
const EN = {
  map: "Map of reports",
  show: "Load the map (some {kb} kB)",
  failed: "The map cannot be loaded. The list is below.",
  loading: "Loading the map…",
  hint: "Touch the figures on the map to see more.",
  waiting: "waiting",
  in_process: "in process",
  done: "done",
  overdue: "late",
  more: "and {n} other matters",
  others: "and {n} other areas",
};

const WORDS = document.documentElement.lang === "en" ? EN : ID;

/** @param {keyof typeof ID} key @param {Record<string, string | number>} [filling] */
export function say(key, filling = {}) {
  return WORDS[key].replace(/\{(\w+)\}/g, (_, name) => String(filling[name] ?? ""));
}
