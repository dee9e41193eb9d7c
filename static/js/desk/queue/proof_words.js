/**
 * What there is to look at in a proof, in words: never a verdict. The codes are those of liveroom/domain/findings.py.
 */
import { fill } from "../../ui/words.js";

/** @typedef {import("../../ui/complaints.js").Finding} Finding */
/** @typedef {import("./row_words.js").QueueRoom} QueueRoom */

const FINDINGS = {
  id: {
    own_picture: "Sangat mirip foto pelapor sendiri ({bits} dari 256 bit berbeda): periksa apakah foto ini baru",
    used_before: "Sangat mirip foto di laporan lain ({bits} dari 256 bit berbeda): periksa apakah foto ini dari tempat ini",
    taken_before: "Diambil {span} sebelum laporan masuk", taken_later: "Jam kamera {span} di depan jam server", taken_long_ago: "Diambil {days} hari sebelum dikirim",
    elsewhere: "Diambil {metres} m dari lokasi laporan", edited: "Berkas menyebut program penyunting gambar",
    no_picture: "Bukti tanpa foto dan tanpa video", no_time: "Tanpa waktu pengambilan", no_place: "Tanpa tempat",
  },
  en: {
    own_picture: "Very like the reporter's own picture ({bits} of 256 bits {bits|differs|differ}): check whether this one is new",
    used_before: "Very like a picture of another report ({bits} of 256 bits differ): check whether this is the place",
    taken_before: "Taken {span} before the report came in", taken_later: "The camera's clock is {span} ahead of the server's", taken_long_ago: "Taken {days} {days|day|days} before it was sent",
    elsewhere: "Taken {metres} m from the report's place", edited: "The file names a program that edits pictures",
    no_picture: "Proof without photo or video", no_time: "No time of taking", no_place: "No place",
  },
};
const ID = {
  before: "Sebelum", after: "Sesudah", earlier: "Bukti sebelumnya", no_before: "Tanpa foto dari pelapor", no_after: "Belum ada bukti", link: "Foto di {host}, tidak dimuat", sent: "dikirim {t}", taken: "diambil {t}", video: "video {span}", enlarge: "Perbesar {what}",
  photo: "foto {n} {side}", twin_own: "Foto pelapor", twin_used: "Foto laporan lain", open_other: "Buka laporan itu", original: "Unduh berkas asli", original_note: "dengan metadata, untuk meja saja", shut: "Tutup", previous: "Sebelumnya", next: "Berikutnya", compare: "Bandingkan", clear: "Tidak ada temuan", judge: "Ini petunjuk, bukan putusan. Anda yang menilai.", proof: "Foto dan bukti",
};
/** @type {typeof ID} */
const EN = {
  before: "Before", after: "After", earlier: "Earlier proof", no_before: "No picture from the reporter", no_after: "No proof yet", link: "Picture at {host}, not loaded", sent: "sent {t}", taken: "taken {t}", video: "video {span}", enlarge: "Enlarge {what}",
  photo: "picture {n} {side}", twin_own: "The reporter's picture", twin_used: "Picture of another report", open_other: "Open that report", original: "Download the original", original_note: "with metadata, for desks only", shut: "Close", previous: "Previous", next: "Next", compare: "Compare", clear: "No findings", judge: "These are hints, no verdict. You judge.", proof: "Pictures and proof",
};

/** @typedef {(key: keyof typeof ID, values?: Record<string, string | number>) => string} ProofSay */

/** @param {import("../../ui/words.js").Lang} lang @returns {ProofSay} */
export function proofSayIn(lang) {
  const words = lang === "en" ? EN : ID;
  return (key, values = {}) => fill(words[key], values);
}

/** @param {Finding} finding @param {Pick<QueueRoom, "lang" | "format">} room @returns {string} */
export function findingWords({ code, facts }, { lang, format }) {
  const words = /** @type {Record<string, string>} */ (FINDINGS[lang])[code] ?? code;
  const number = (/** @type {unknown} */ n) => (typeof n === "number" ? format.number(n) : "");
  return fill(words, { ...Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, number(value)])), span: typeof facts.minutes === "number" ? format.span(facts.minutes * 60_000) : "" });
}

/** @param {Finding} finding @param {"thumb" | "clean"} copy @returns {string} where its twin lies */
export function twinOf({ facts }, copy) {
  return `/api/v1/media/${encodeURIComponent(facts.picture)}/${copy}`;
}

/** @param {import("../../ui/complaints.js").Picture} picture @param {{room: QueueRoom, say: ProofSay}} proof when it was taken and sent, in real time as cameras have it */
export function whenWords(picture, { room, say }) {
  const at = (/** @type {string | null} */ text) => (text ? room.moment(Date.parse(text), null) : "");
  const seconds = picture.seconds === null ? "" : say("video", { span: room.format.span(Math.max(1, picture.seconds) * 1000) });
  return [seconds, picture.taken_at ? say("taken", { t: at(picture.taken_at) }) : "", say("sent", { t: at(picture.sent_at) })].filter(Boolean).join(" · ");
}
