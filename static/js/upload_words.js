/**
 * What people are told of a file on its way: how far it is, and why it is not taken. Indonesian first.
 */

const ID = {
  waiting: "Menunggu giliran", sending: "{sent} dari {size} MB terkirim", broken: "{sent} dari {size} MB terkirim. Tidak ada jaringan, dicoba lagi …", busy: "{sent} dari {size} MB terkirim. Server sibuk, dicoba lagi …", full: "{sent} dari {size} MB terkirim. Tempat untuk berkas di server sedang penuh, dicoba lagi …", checking: "Terkirim, sedang diperiksa …", kept: "Terkirim dan aman di server. Penyimpanan foto sedang terganggu, dicoba lagi …", ready: "Siap", ended: "Dibatalkan",
  empty: "Berkas kosong.", form: "Hanya foto (JPEG, PNG, WebP, HEIC) dan video (MP4, WebM).", broken_file: "Berkas rusak, tidak dapat dibaca sampai akhir.", pixels: "Ukuran gambar terlalu besar.", bytes: "Berkas terlalu besar.", long: "Video terlalu panjang.", sandbox: "Server ini belum dapat memeriksa berkas dengan aman. Beri tahu pengelola sistem.",
  too_many: "Terlalu banyak berkas sekaligus. Tunggu yang lain selesai.", session: "Waktu masuk Anda sudah habis. Muat ulang halaman.", moved: "Laporan ini tidak lagi pada Anda.", other: "Berkas tidak diterima ({code}).",
};
/** @type {typeof ID} */
const EN = {
  waiting: "Waiting its turn", sending: "{sent} of {size} MB sent", broken: "{sent} of {size} MB sent. No network, trying again …", busy: "{sent} of {size} MB sent. The server is busy, trying again …", full: "{sent} of {size} MB sent. The server has no room for files just now, trying again …", checking: "Sent, being looked into …", kept: "Sent and safe on the server. The store of pictures is away, trying again …", ready: "Ready", ended: "Given up",
  empty: "The file is empty.", form: "Only photos (JPEG, PNG, WebP, HEIC) and videos (MP4, WebM).", broken_file: "The file is damaged and cannot be read to its end.", pixels: "The picture has too many pixels.", bytes: "The file is too large.", long: "The video is too long.", sandbox: "This server cannot look into files safely yet. Tell whoever runs it.",
  too_many: "Too many files at once. Wait for the others.", session: "Your log-in has ended. Load the page again.", moved: "This report is not with you any more.", other: "The file was not taken ({code}).",
};
/** By code of the server. @type {Readonly<Record<string, keyof typeof ID>>} */
const WHY = {
  empty: "empty", form: "form", broken: "broken_file", lost: "broken_file", pixels: "pixels", bytes: "bytes", too_large: "bytes", length: "long", codec: "form", sandbox: "sandbox", too_many: "too_many",
  unauthorized: "session", csrf: "session", link_expired: "session", link_bad: "session", ticket: "session", not_your_complaint: "moved", unknown_complaint: "moved", role: "moved",
};

/** What is said instead while the server has said what it waits for. @type {Partial<Record<import("./upload.js").Phase, keyof typeof ID>>} */
const WAITS = { broken: "busy", checking: "kept" };

/** @param {import("./ui/words.js").Lang} lang @param {import("./ui/format.js").Format} format @returns {(upload: {phase: import("./upload.js").Phase, code: string, sent: number, file: {size: number}}) => string} */
export function uploadWordsIn(lang, format) {
  const words = lang === "en" ? EN : ID;
  const mb = (/** @type {number} */ bytes) => format.decimal(bytes / 1_000_000);
  return ({ phase, code, sent, file }) => {
    if (phase === "refused") return words[Object.hasOwn(WHY, code) ? (WHY[code] ?? "other") : "other"].replace("{code}", code);
    const shown = phase === "broken" && code === "507" ? "full" : code && Object.hasOwn(WAITS, phase) ? (WAITS[phase] ?? phase) : phase;
    return words[shown].replace("{sent}", mb(sent)).replace("{size}", mb(file.size));
  };
}
