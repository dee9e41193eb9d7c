/**
 * The words of an agency's page, and what it reads from itself once: city, language, whose work it is.
 */
import { addNames } from "../desk/guests.js";
import { momentIn, statesIn } from "../desk/phrases.js";
import { queueSayIn } from "../desk/queue/words.js";
import { deskSayIn } from "../desk/words.js";
import { cityOf, ROLES } from "../ui/city.js";
import { find } from "../ui/dom.js";
import { formatIn } from "../ui/format.js";
import { asLang, fill, sayIn } from "../ui/words.js";

// Words, Indonesian first; what the page shares with the desks is in their own files.

/** @typedef {(key: keyof typeof ID, values?: Record<string, string | number>) => string} WorkSay */

const ID = {
  title: "Pekerjaan {agency}", drill: "LATIHAN, bukan kejadian nyata",
  group_new: "Baru, belum diterima", group_back: "Dikembalikan, kurang bukti", group_answered: "Pelapor sudah menjawab", group_working: "Dikerjakan", group_waiting: "Menunggu jawaban pelapor", group_proof: "Bukti sedang diperiksa", group_ended: "Selesai hari ini",
  sum_new: "{n} baru", sum_open: "{n} terbuka", sum_late: "{n} terlambat",
  none: "Tidak ada pekerjaan. Laporan baru muncul di sini, dengan suara.", loading: "Memuat …", choose: "Pilih laporan di daftar.",
  back: "Daftar", sound_on: "Ketuk untuk menyalakan suara", arrived: "Laporan baru: {what}, {where}", arrived_back: "Bukti dikembalikan: {what}, {where}", arrived_answer: "Pelapor menjawab: {what}, {where}",
  lost: "DATA TERPUTUS {span}. Yang tampil mungkin sudah berubah.", link_lost: "TIDAK TERHUBUNG. Yang tampil dari pukul {time}.", offline: "Tidak ada jaringan.",
  critical: "DARURAT", urgent: "MENDESAK", helper: "membantu {agency}", leads: "Anda penanggung jawab",
  left: "Sisa {span}", over: "Terlambat {span}", due: "batas {t}", paused_citizen: "Jam berhenti: menunggu pelapor", paused_plain: "Menunggu pelapor, jam tetap berjalan", paused_hold: "Ditahan ruang kendali", no_due: "Tanpa tenggat",
  number: "Nomor {n}", address: "Alamat", place: "Lokasi", how: "Tenggat", history: "Riwayat", detail_loading: "Mengambil isi laporan …", detail_failed: "Isi laporan tidak dapat diambil. Dicoba lagi.", gone: "Laporan ini tidak lagi pada OPD Anda.",
  sent_back_title: "Bukti dikembalikan", answered_title: "Jawaban pelapor", asked_title: "Ditanyakan ke pelapor", question_title: "Pertanyaan, jawab dengan catatan sebelum {t}", question: "PERTANYAAN",
  act_accept: "Terima", act_decline: "Tolak", act_start: "Mulai kerjakan", act_submit_proof: "Kirim bukti", act_ask: "Tanya pelapor", act_answer: "Catat jawaban", act_comment: "Catatan", act_validate: "Sahkan, selesai", act_send_back: "Kembalikan bukti",
  ask_decline: "Tolak laporan ini?", note_decline: "Laporan langsung kembali ke meja ruang kendali.", word_decline: "Alasan",
  ask_ask: "Tanya pelapor", note_ask: "Dibaca warga. Jangan tulis nama petugas.", note_ask_stops: "Dibaca warga. Jam berhenti sampai pelapor menjawab.", word_ask: "Pertanyaan",
  ask_answer: "Jawaban pelapor", note_answer: "Jam berjalan lagi.", word_answer: "Jawaban",
  ask_comment: "Catatan", note_comment: "Dibaca OPD dan ruang kendali, bukan warga.", word_comment: "Isi",
  ask_submit_proof: "Kirim bukti", note_submit_proof: "Orang lain memeriksanya sebelum laporan selesai.", word_submit_proof: "Apa yang dikerjakan",
  ask_send_back: "Kembalikan bukti?", note_send_back: "Petugas melihat alasannya.", word_send_back: "Alasan", ask_validate: "Sahkan bukti?", note_validate: "Laporan menjadi selesai.", word_validate: "",
  take_photo: "Ambil foto", take_video: "Rekam video", choose_files: "Dari galeri", remove: "Hapus", photo_n: "Foto {n}", video_n: "Video {n}", files_wait: "Tunggu sampai semua berkas siap, atau hapus yang belum.", proof_none: "Tanpa foto atau video, pemeriksa diberi tahu bahwa bukti tidak bergambar.", picture_report: "dari pelapor", picture_proof: "bukti",
  acts: "Tindakan", send: "Kirim", cancel: "Batal", required: "Isi dahulu.", name: "Nama Anda", name_hint: "Nama Anda (sekali saja)",
  preset_authority: "Bukan kewenangan kami", preset_place: "Lokasi tidak ditemukan", preset_done: "Sudah ditangani sebelumnya", preset_double: "Laporan ganda",
  done_accept: "Diterima.", done_decline: "Ditolak, kembali ke meja ruang kendali.", done_start: "Mulai dikerjakan.", done_ask: "Pertanyaan terkirim.", done_answer: "Jawaban dicatat.", done_comment: "Catatan disimpan.", done_submit_proof: "Bukti terkirim, menunggu pemeriksaan.", done_validate: "Disahkan, selesai.", done_send_back: "Bukti dikembalikan.",
  link_ended: "Tautan ini sudah tidak berlaku. Muat ulang halaman untuk melihat sebabnya.", updated: "pukul {time}",
};

/** @type {typeof ID} */
const EN = {
  title: "Work of {agency}", drill: "DRILL, not a real event",
  group_new: "New, not accepted", group_back: "Sent back, proof lacking", group_answered: "The reporter has answered", group_working: "In work", group_waiting: "Awaiting the reporter", group_proof: "Proof being judged", group_ended: "Finished today",
  sum_new: "{n} new", sum_open: "{n} open", sum_late: "{n} overdue",
  none: "No work. New reports appear here, with a sound.", loading: "Loading …", choose: "Choose a report from the list.",
  back: "List", sound_on: "Tap to turn the sound on", arrived: "New report: {what}, {where}", arrived_back: "Proof sent back: {what}, {where}", arrived_answer: "The reporter answered: {what}, {where}",
  lost: "DATA LOST {span}. What is shown may have changed.", link_lost: "NOT CONNECTED. What is shown is of {time}.", offline: "No network.",
  critical: "EMERGENCY", urgent: "URGENT", helper: "helping {agency}", leads: "you lead",
  left: "{span} left", over: "{span} late", due: "due {t}", paused_citizen: "Clock stopped: awaiting the reporter", paused_plain: "Awaiting the reporter, the clock runs on", paused_hold: "On hold by the control room", no_due: "No deadline",
  number: "Number {n}", address: "Address", place: "Place", how: "Deadline", history: "History", detail_loading: "Fetching the report …", detail_failed: "The report could not be fetched. Trying again.", gone: "This report is no longer with your agency.",
  sent_back_title: "Proof sent back", answered_title: "The reporter's answer", asked_title: "Asked the reporter", question_title: "Question, answer with a comment before {t}", question: "QUESTION",
  act_accept: "Accept", act_decline: "Decline", act_start: "Start work", act_submit_proof: "Submit proof", act_ask: "Ask reporter", act_answer: "Note the answer", act_comment: "Comment", act_validate: "Validate, finished", act_send_back: "Send proof back",
  ask_decline: "Decline this report?", note_decline: "It goes back to the control room's desk at once.", word_decline: "Reason",
  ask_ask: "Ask the reporter", note_ask: "The citizen reads it. Write no officer's name.", note_ask_stops: "The citizen reads it. The clock stops until the reporter answers.", word_ask: "Question",
  ask_answer: "The reporter's answer", note_answer: "The clock runs on.", word_answer: "Answer",
  ask_comment: "Comment", note_comment: "Read by agencies and the control room, not by the citizen.", word_comment: "Text",
  ask_submit_proof: "Submit proof", note_submit_proof: "Somebody else judges it before the report is finished.", word_submit_proof: "What was done",
  ask_send_back: "Send the proof back?", note_send_back: "The officer sees the reason.", word_send_back: "Reason", ask_validate: "Validate the proof?", note_validate: "The report is then finished.", word_validate: "",
  take_photo: "Take photo", take_video: "Record video", choose_files: "From gallery", remove: "Remove", photo_n: "Photo {n}", video_n: "Video {n}", files_wait: "Wait until all files are ready, or remove those that are not.", proof_none: "Without a photo or video whoever judges is told that the proof has no picture.", picture_report: "from the reporter", picture_proof: "proof",
  acts: "Actions", send: "Send", cancel: "Cancel", required: "Fill this in first.", name: "Your name", name_hint: "Your name (once only)",
  preset_authority: "Not our authority", preset_place: "Place not found", preset_done: "Dealt with before", preset_double: "Reported twice",
  done_accept: "Accepted.", done_decline: "Declined, back at the control room's desk.", done_start: "Work has started.", done_ask: "The question is sent.", done_answer: "The answer is noted.", done_comment: "The comment is kept.", done_submit_proof: "Proof sent, to be judged.", done_validate: "Validated, finished.", done_send_back: "Proof sent back.",
  link_ended: "This link is not valid any more. Load the page again to see why.", updated: "at {time}",
};

/** @param {import("../ui/words.js").Lang} lang @returns {WorkSay} */
function workSayIn(lang) {
  const words = lang === "en" ? EN : ID;
  return (key, values = {}) => fill(words[key], values);
}

// What both pages of an agency read from the page.

/** @typedef {import("../desk/phrases.js").QueueRoom & {work: WorkSay, stops: boolean, agency: string}} WorkRoom stops: a question to the citizen stops the clock */
/** @typedef {{agency: string, role: string, actor: string, commands: string[], stops: boolean, complaint?: string, csrf?: string, until?: string}} Facts */

/** @param {Document} page @returns {{room: WorkRoom, facts: Facts}} */
export function roomOf(page) {
  const lang = asLang(new URLSearchParams(location.search).get("lang") ?? page.documentElement.lang);
  const city = cityOf(page, lang);
  const raw = JSON.parse(find(page, "#city").textContent ?? "{}");
  /** @type {Facts} */
  const facts = JSON.parse(find(page, "#agency").textContent ?? "{}");
  const format = formatIn(lang, city);
  page.documentElement.lang = lang;
  addNames(ROLES[lang]);
  addNames(Object.fromEntries(Object.keys(raw.agencies ?? {}).map((key) => [`link:${key}`, city.agency(key) ?? key])));
  const room = {
    lang, city, format, say: sayIn(lang), desk: deskSayIn(lang), queue: queueSayIn(lang, raw.words), work: workSayIn(lang), width: () => 0,
    states: statesIn(raw.words, lang), moment: momentIn(city.zone, format), stops: facts.stops, agency: facts.agency,
  };
  return { room, facts };
}
