/**
 * The history of a complaint in words: one line an event, with who did it.
 */
import { channelWords } from "./row_words.js";

/** @typedef {Record<string, any> & {kind: string}} Entry as the room tells it: seq, at, kind, actor, codes, text */
/** @typedef {import("./row_words.js").QueueRoom} QueueRoom */
/** @typedef {{line: string, done: string, strong: boolean, quiet: boolean}} Words line: of the history; done: the participle alone; strong: the clock says somebody owes something; quiet: a courtesy among officers */

/** By event: the line, and the participle. `{agency}` and the like are filled from the payload. @type {Record<"id" | "en", Record<string, readonly [string, string]>>} */
const LINES = {
  id: {
    received: ["Masuk lewat {source}", "diterima"], amended: ["Dilengkapi sumbernya", "dilengkapi"], triaged: ["Ditriase {set}", "ditriase"],
    forwarded: ["Diteruskan ke {agency}", "diteruskan"], accepted: ["{agency} menerima", "diterima"], declined: ["{agency} menolak", "ditolak OPD"],
    started: ["{agency} mulai bekerja", "dimulai"], coordinated: ["Koordinasi {agencies}", "dikoordinasikan"], asked: ["Tanya pelapor", "ditanyakan"],
    answered: ["Pelapor menjawab", "dijawab"], held: ["Ditahan sampai {until}", "ditahan"], resumed: ["Dilanjutkan", "dilanjutkan"],
    proof_submitted: ["{agency} mengirim bukti", "dibuktikan"], sent_back: ["Bukti dikembalikan", "dikembalikan"], proof_released: ["Foto diperlihatkan ke tamu", "diperlihatkan"], proof_withdrawn: ["Foto tidak diperlihatkan lagi", "ditarik"], validated: ["Bukti disahkan, selesai", "disahkan"],
    closed: ["Ditutup", "ditutup"], closed_unproved: ["Ditutup TANPA BUKTI", "ditutup tanpa bukti"], reopened: ["Dibuka kembali", "dibuka kembali"], merged: ["Digabung ke laporan lain", "digabung"], absorbed: ["Menerima {n} laporan gabungan", "digabung"],
    split: ["Dipisah lagi", "dipisah"], released: ["Satu laporan dipisah", "dipisah"], referred: ["Dirujuk ke {outside}", "dirujuk"], rejected: ["Ditolak", "ditolak"],
    commented: ["Catatan", "dicatat"], questioned: ["Pertanyaan, jawab sebelum {until}", "ditanyakan pimpinan"], explained: ["Jawaban atas pertanyaan", "dijawab"], replied: ["Dibalas ke warga", "dibalas"], rated: ["Pelapor menilai {score} dari 5", "dinilai"], claimed: ["Dibuka", "dibuka"], unclaimed: ["Ditutup lagi", "ditutup lagi"], extended: ["Tenggat diperpanjang", "diperpanjang"], replanned: ["Tenggat dihitung ulang", "dihitung ulang"], erased: ["Data pribadi dihapus", "dihapus"],
    warned: ["Batas {stage} hampir habis", ""], passed: ["Batas {stage} lewat", ""], multiplied: ["{percent} % dari batas {stage}", ""],
    "alarm.acknowledged": ["Alarm diakui", "diakui"], "outbox.sent": ["Terkirim ke {to}", "terkirim"],
  },
  en: {
    received: ["Received by {source}", "received"], amended: ["Its source said more", "amended"], triaged: ["Triaged {set}", "triaged"],
    forwarded: ["Forwarded to {agency}", "forwarded"], accepted: ["{agency} accepted", "accepted"], declined: ["{agency} declined", "declined"],
    started: ["{agency} began", "started"], coordinated: ["With {agencies}", "coordinated"], asked: ["Asked the reporter", "asked"],
    answered: ["The reporter answered", "answered"], held: ["On hold until {until}", "put on hold"], resumed: ["Resumed", "resumed"],
    proof_submitted: ["{agency} submitted proof", "proved"], sent_back: ["Proof sent back", "sent back"], proof_released: ["Pictures shown to guests", "released"], proof_withdrawn: ["Pictures shown to guests no more", "withdrawn"], validated: ["Proof validated, finished", "validated"],
    closed: ["Closed", "closed"], closed_unproved: ["Closed WITHOUT PROOF", "closed without proof"], reopened: ["Reopened", "reopened"], merged: ["Merged into another report", "merged"], absorbed: ["Other reports taken in: {n}", "merged"],
    split: ["Split off again", "split"], released: ["One report split off", "split"], referred: ["Referred to {outside}", "referred"], rejected: ["Rejected", "rejected"],
    commented: ["Note", "noted"], questioned: ["Question, answer before {until}", "asked by leadership"], explained: ["Answer to the question", "answered"], replied: ["Replied to the citizen", "replied to"], rated: ["The reporter rated it {score} of 5", "rated"], claimed: ["Opened", "opened"], unclaimed: ["Closed again", "closed again"], extended: ["Deadline extended", "extended"], replanned: ["Deadline planned anew", "planned anew"], erased: ["Personal data erased", "erased"],
    warned: ["Time to {stage} nearly over", ""], passed: ["Time to {stage} over", ""], multiplied: ["{percent} % of the time to {stage}", ""],
    "alarm.acknowledged": ["Alarm acknowledged", "acknowledged"], "outbox.sent": ["Sent to {to}", "sent"],
  },
};
const STAGES = { id: { forward: "meneruskan", accept: "menerima", finish: "menyelesaikan", reply: "membalas" }, en: { forward: "forward", accept: "accept", finish: "finish", reply: "reply" } };

/** @param {Entry} entry @param {QueueRoom} room @returns {Words} */
export function eventWords(entry, room) {
  const { lang, city, format } = room;
  const plain = entry.kind.replace(/^(complaint|deadline)\./, "");
  const unproved = plain === "closed" && entry.without_proof === true;
  const key = unproved ? "closed_unproved" : plain === "commented" ? noteOf(entry) : plain;
  const [line, done] = LINES[lang][key] ?? [key.replaceAll("_", " "), key];
  const until = Date.parse(entry.until ?? entry.answer_by ?? "");
  const values = /** @type {Record<string, string>} */ ({
    agency: city.agency(entry.agency) ?? "OPD", agencies: (entry.agencies ?? []).map((/** @type {string} */ one) => city.agency(one)).join(", "),
    to: toldWords(entry, room),
    source: channelWords(entry.source, entry.channel, room), outside: city.agency(entry.outside) ?? "–",
    n: format.number((entry.children ?? []).length), percent: String(entry.percent ?? ""), score: String(entry.score ?? ""), until: Number.isNaN(until) ? "–" : room.moment(until, Date.parse(entry.at ?? "") || null),
    stage: /** @type {Record<string, string>} */ (STAGES[lang])[entry.stage] ?? "", set: setWords(entry, room),
  });
  const fill = (/** @type {string} */ text) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "").trim();
  return { line: fill(line), done, strong: unproved || key === "questioned" || entry.kind.startsWith("deadline."), quiet: key === "claimed" || key === "unclaimed" };
}

/** @param {Entry} entry @param {QueueRoom} room whom a delivery reached; citizens by no name, whatever their lane */
function toldWords({ to = "", agency }, { told = {}, city, queue }) {
  if (/^(citizen|phone)(-|$)/.test(to)) return queue("reporter_too");
  return (Object.hasOwn(told, to) ? told[to] : city.agency(agency ?? to)) ?? "–";
}

/** @param {Entry} entry @returns {string} a note among ourselves, or a question of leadership's, or what answers one */
function noteOf(entry) {
  if (entry.answer_by) return "questioned";
  return entry.answers ? "explained" : "commented";
}

/** @param {Entry} entry @param {QueueRoom} room what a triage set, by name */
function setWords({ category, agency, area, priority, set }, { city, queue }) {
  if (!Array.isArray(set)) return "";
  const named = [
    set.includes("category") ? city.category(category) : null, set.includes("agency") ? city.agency(agency) : null, set.includes("area") ? city.area(area)?.name : null,
    set.includes("priority") && (priority === "critical" || priority === "urgent" || priority === "normal") ? queue(priority) : null,
  ].filter(Boolean);
  return named.length > 0 ? `(${named.join(", ")})` : "";
}
