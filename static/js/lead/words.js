/**
 * The words of leadership's page, and what it reads from itself once: city, language, whose page it is.
 */
import { roomOf } from "../agency/words.js";
import { fill } from "../ui/words.js";

// Words, Indonesian first; what the page shares with the desks is in their own files.

/** @typedef {(key: keyof typeof ID, values?: Record<string, string | number>) => string} LeadSay */

const ID = {
  title: "Pimpinan", all: "Semua OPD", nobody: "Tanpa OPD", scope: "OPD", with: "pada {agency}",
  late: "Terlambat", late_of: "dari {n} terbuka", none_late: "Tidak ada yang terlambat", why: "Menunggu apa", sum: "{open} terbuka · {late} terlambat · {asked} pertanyaan",
  why_unsent: "belum diteruskan ruang kendali", why_accept: "belum diterima OPD", why_start: "diterima, belum dikerjakan", why_work: "dikerjakan, belum selesai", why_proof: "bukti belum diperiksa", why_citizen: "menunggu pelapor", why_held: "ditahan ruang kendali",
  asked: "Pertanyaan", asked_none: "Tidak ada pertanyaan terbuka", asked_open: "belum dijawab", asked_over: "lewat batas jawab",
  today: "Hari ini", in: "masuk", done: "selesai", usual: "biasanya {n} pada jam ini, {weekday}, {weeks} minggu", no_usual: "belum ada pembanding", usual_agency: "rata-rata {n} sehari, 13 hari terakhir",
  kept: "Tepat waktu", kept_of: "{n} dari {of} tepat waktu", kept_late: "{n} masih terlambat", target: "target {span}", target_kind: "target menurut jenis laporan", days: "{n} hari kerja terakhir", days_none: "belum ada jam kerja", of_cases: "{n} dari {of}",
  kept_how: "Tepat waktu = selesai tepat waktu dibagi (selesai + terbuka yang terlambat). Di bawah {few} kasus yang tampil kasusnya sendiri.",
  lowest: "Per OPD, terendah dahulu", few: "Kurang dari {few} kasus", case_kept: "selesai tepat waktu", case_late: "selesai terlambat", case_open: "terlambat, belum selesai",
  how: "Cara selesai", unproved: "selesai tanpa bukti", reopened: "dibuka kembali", of_finished: "dari {n} selesai", median: "median waktu sampai selesai", median_n: "{n} kasus", finished: "selesai",
  list_open: "Terbuka", list_waiting: "Menunggu", list_in_process: "Dalam proses", list_late: "Terlambat", list_in: "Masuk hari ini", list_done: "Selesai hari ini",
  list_finished: "Selesai", list_on_time: "Selesai tepat waktu", list_finished_late: "Selesai terlambat", list_unproved: "Selesai tanpa bukti", list_reopened: "Dibuka kembali", list_asked: "Belum dijawab",
  back: "Kembali", more: "Tampilkan lagi", empty: "Tidak ada laporan.", loading: "Memuat …", failed: "Daftar tidak dapat diambil. Dicoba lagi.", choose: "Pilih angka atau laporan.",
  since: "sejak {t}", ended: "selesai {t}", not_accepted: "{agency}, belum menerima", accepted_by: "{agency}, sudah menerima", at_desk: "Ruang kendali",
  answer_over: "Jawaban terlambat {span}", answer_left: "Jawaban dalam {span}", asked_title: "Pertanyaan, jawab sebelum {t}",
  ask: "Tanyakan", ask_title: "Tanyakan ke OPD", ask_note: "Dibaca ruang kendali dan OPD. Tenggat laporan tidak berubah.", ask_word: "Pertanyaan", ask_when: "Dijawab dalam", in_1: "1 jam", in_4: "4 jam", in_24: "1 hari", in_72: "3 hari", ask_until: "sebelum {t}",
  send: "Kirim", cancel: "Batal", required: "Isi dahulu.", asked_said: "Pertanyaan terkirim, dijawab sebelum {t}.",
  before: "Sebelum", after: "Sesudah", no_before: "Pelapor tidak mengirim foto", no_after: "Belum ada bukti bergambar", wait_after: "Bukti sedang disiapkan", gone_after: "Gambar sudah dihapus", before_alt: "Foto pelapor {n}", after_alt: "Foto bukti {n}", other: "Gambar lain ({i} dari {n})",
  numbers_wait: "Menghitung …",
};

/** @type {typeof ID} */
const EN = {
  title: "Leadership", all: "All agencies", nobody: "No agency", scope: "Agency", with: "with {agency}",
  late: "Overdue", late_of: "of {n} open", none_late: "None overdue", why: "Waiting for what", sum: "{open} open · {late} overdue · {asked} {asked|question|questions}",
  why_unsent: "not forwarded by the control room", why_accept: "not accepted by the agency", why_start: "accepted, not begun", why_work: "in work, not finished", why_proof: "proof not judged", why_citizen: "awaiting the reporter", why_held: "on hold by the control room",
  asked: "Questions", asked_none: "No open question", asked_open: "unanswered", asked_over: "past their time",
  today: "Today", in: "received", done: "finished", usual: "usually {n} by this hour, {weekday}, {weeks} {weeks|week|weeks}", no_usual: "nothing to compare with yet", usual_agency: "{n} a day on average, last 13 days",
  kept: "On time", kept_of: "{n} of {of} on time", kept_late: "{n} still overdue", target: "target {span}", target_kind: "target by kind of report", days: "last {n} working {n|day|days}", days_none: "no working time yet", of_cases: "{n} of {of}",
  kept_how: "On time = closed on time divided by (closed + open and overdue). Under {few} cases the cases themselves are shown.",
  lowest: "By agency, lowest first", few: "Fewer than {few} cases", case_kept: "finished on time", case_late: "finished late", case_open: "overdue, not finished",
  how: "How they ended", unproved: "finished without proof", reopened: "opened again", of_finished: "of {n} finished", median: "median time to finish", median_n: "{n} {n|case|cases}", finished: "finished",
  list_open: "Open", list_waiting: "Waiting", list_in_process: "In process", list_late: "Overdue", list_in: "Received today", list_done: "Finished today",
  list_finished: "Finished", list_on_time: "Finished on time", list_finished_late: "Finished late", list_unproved: "Finished without proof", list_reopened: "Opened again", list_asked: "Unanswered",
  back: "Back", more: "Show more", empty: "No reports.", loading: "Loading …", failed: "The list could not be fetched. Trying again.", choose: "Choose a number or a report.",
  since: "since {t}", ended: "finished {t}", not_accepted: "{agency}, not accepted", accepted_by: "{agency}, accepted", at_desk: "Control room",
  answer_over: "Answer {span} late", answer_left: "Answer within {span}", asked_title: "Question, answer before {t}",
  ask: "Ask", ask_title: "Ask the agency", ask_note: "Read by the control room and the agency. The report's deadline does not move.", ask_word: "Question", ask_when: "Answered within", in_1: "1 hour", in_4: "4 hours", in_24: "1 day", in_72: "3 days", ask_until: "before {t}",
  send: "Send", cancel: "Cancel", required: "Fill this in first.", asked_said: "The question is sent, to be answered before {t}.",
  before: "Before", after: "After", no_before: "The reporter sent no photo", no_after: "No proof with a picture yet", wait_after: "The proof is being prepared", gone_after: "The picture was deleted", before_alt: "Reporter's photo {n}", after_alt: "Photo of the proof {n}", other: "Another picture ({i} of {n})",
  numbers_wait: "Counting …",
};

/** @param {import("../ui/words.js").Lang} lang @returns {LeadSay} */
export function leadSayIn(lang) {
  const words = lang === "en" ? EN : ID;
  return (key, values = {}) => fill(words[key], values);
}

// What leadership's page reads from itself.

/** @typedef {import("../agency/words.js").WorkRoom & {lead: LeadSay}} LeadRoom */
/** @typedef {import("../agency/words.js").Facts & {audience: string, agencies: string[]}} LeadFacts agency "" for leadership, which sees all */

/** @param {Document} page @returns {{room: LeadRoom, facts: LeadFacts}} */
export function leadRoomOf(page) {
  const { room, facts } = roomOf(page);
  const lead = leadSayIn(room.lang);
  // Nobody reads here as the one who helps: who has it is named instead.
  /** @type {import("../agency/words.js").WorkSay} */
  const work = (key, values) => (key === "helper" || key === "leads" ? lead("with", { agency: values?.agency ?? room.city.agency(room.agency) ?? "" }) : room.work(key, values));
  return { room: { ...room, work, lead }, facts: /** @type {LeadFacts} */ (facts) };
}
