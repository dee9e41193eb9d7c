/**
 * The list of the outbox page: its words, its address, and a row for each delivery.
 */
import { element, mark, write } from "../../ui/dom.js";
import { fill } from "../../ui/words.js";

// Words, Indonesian first.

/** @typedef {keyof typeof ID} Word */
/** @typedef {(key: Word, values?: Record<string, string | number>) => string} OutboxSay */

const ID = {
  title: "Penerusan", drill: "LATIHAN, tidak ada yang keluar dari mesin ini", view_waiting: "Belum sampai", view_stuck: "Macet", view_refused: "Ditolak", view_known: "Diketahui", view_sent: "Sampai", view_all: "Semua", to: "Penerima", everybody: "semua",
  sum: "{n} belum sampai", sum_none: "Semua sampai", lost: "Server tidak menjawab sejak {span}. Daftar di bawah ini sudah lama.",
  held: "Ditahan sejak pemulihan data atau jam {time}: tidak ada yang dikirim sampai dilepas.", release: "Lepas", release_title: "Lepas semua kiriman?",
  release_why: "Yang sudah terkirim sesudah cadangan dibuat akan terkirim lagi dengan nomor yang sama.",
  none_waiting: "Semua penerima sudah menerima.", none_all: "Belum ada kiriman.", none_such: "Tidak ada kiriman seperti ini.", none_more: "Tidak ada lagi di halaman ini.", page_next: "Berikutnya", page_first: "Ke halaman pertama",
  keys: "↑ ↓ pilih · R kirim ulang · K diketahui sampai · 1–6 kiriman yang mana",
  stuck: "{name}: {n} macet sejak {time}", waiting: "menunggu", sent: "sampai", known: "diketahui",
  since: "menunggu {span}", sent_at: "sampai {time}", given_up: "tidak dikabari {time}", known_until: "diketahui {who} sampai {time}",
  tries: "{n} kali dicoba", next: "lagi {time}", untried: "menunggu giliran", attempts: "Percobaan", here: "dibaca di sini",
  channel_mail: "surel", channel_webhook: "webhook", channel_open311: "Open311", channel_page: "halaman di sini", channel_message: "pesan", channel_sink: "latihan",
  outcome_delivered: "diterima", outcome_refused: "ditolak", outcome_unreachable: "tak terjangkau",
  code_certificate_early: "sertifikat penerima belum berlaku: apakah jam mesin ini benar?", code_certificate_expired: "sertifikat penerima sudah kedaluwarsa",
  code_certificate_own: "sertifikat penerima ditandatangani sendiri dan tidak dipercaya mesin ini", code_certificate_authority: "sertifikat penerima tidak dipercaya mesin ini",
  code_certificate_name: "sertifikat penerima untuk nama lain", code_certificate: "sertifikat penerima tidak dapat dipercaya", code_no_tls: "penerima tidak berbicara TLS: apakah port benar?",
  code_no_name: "nama penerima tidak ditemukan (DNS)", code_closed_port: "tidak ada yang menjawab di alamat penerima", code_broke_off: "penerima memutuskan sambungan", code_no_route: "jaringan tidak sampai ke penerima",
  code_sender: "server surel tidak menerima pengirim kita: periksa mail.sender dan mail.user", code_unsupported: "server surel tidak mengenal yang kita butuhkan: periksa mail.security dan mail.user",
  code_timeout: "tidak menjawab tepat waktu", code_unset: "alamat atau kunci belum diatur", code_nobody: "tidak ada lagi yang perlu dikabari",
  code_number: "bukan nomor telepon yang berlaku, tidak dihubungi", code_number_country: "nomor negara lain, tidak dihubungi mesin", code_number_kind: "jenis nomor ini tidak dihubungi mesin (tarif khusus, satelit, telepon rumah)",
  cause_forwarded: "diteruskan", cause_coordinated: "ikut menangani", cause_reopened: "dibuka kembali", cause_sent_back: "bukti dikembalikan",
  cause_multiplied: "eskalasi", cause_paged: "alarm belum diakui", cause_accepted: "diterima", cause_started: "dikerjakan", cause_asked: "pertanyaan",
  cause_replied: "jawaban", cause_validated: "selesai", cause_closed: "selesai", cause_merged: "digabung", cause_referred: "dirujuk", cause_rejected: "ditolak",
  whom_agency: "OPD", whom_office: "pejabat", whom_supervisor: "kepala regu", whom_source: "sumber", whom_citizen: "warga", whom_phone: "telepon warga", cause_received: "diterima", cause_resumed: "dilanjutkan",
  gathered: "ikut surat gabungan {time}",
  advice: "{name} menolak kiriman ini ({code}); yang berikutnya tentang laporan yang sama menunggu di belakangnya.",
  advice_next: "Dicoba lagi {time}; sesudah empat kali ditolak tidak dicoba lagi sendiri.",
  by_hand: "Sudah empat kali ditolak: tidak dicoba lagi sendiri.", by_hand_short: "tidak dicoba lagi sendiri",
  advice_mail: "Periksa alamat surel {name} di berkas kota, telepon {name}, lalu Kirim ulang.",
  advice_system: "Minta {name} memeriksa alamat, kunci, dan isi yang diterima sistemnya, lalu Kirim ulang.",
  resend: "Kirim ulang", know: "Diketahui", know_title: "{name}, {number}: diketahui sampai kapan?", know_why: "Bukan alarm sampai saat itu, paling lama tujuh hari. Percobaan berjalan seperti biasa.",
  reason: "Sebab", until: "Sampai", hours: "{n} jam", tomorrow: "besok", days: "{n} hari",
  asked: "dikirim lagi", noted: "dicatat", failed: "gagal: {why}", no_answer: "server tidak menjawab", role: "hanya kepala regu atau admin", fault: "Gagal: {why}",
  cancel: "Batal", confirm: "Lanjut", person_first: "Siapa yang bertugas?", your_name: "Nama Anda", as_supervisor: "Penerusan diatur oleh kepala regu.",
  sitting: "{actor}, kepala regu",
};

/** @type {Record<Word, string>} */
const EN = {
  title: "Outbox", drill: "DRILL, nothing leaves this machine", view_waiting: "Not through", view_stuck: "Stuck", view_refused: "Refused", view_known: "Known", view_sent: "Through", view_all: "All", to: "Receiver", everybody: "everybody",
  sum: "{n} not through", sum_none: "All are through", lost: "The server has not answered for {span}. The list below is old.",
  held: "Held since the restore or the repair of the clock {time}: nothing is sent until it is released.", release: "Release", release_title: "Release all deliveries?",
  release_why: "What was sent after the backup was made is sent again, under the same numbers.",
  none_waiting: "Everybody has what is theirs.", none_all: "No deliveries yet.", none_such: "No such deliveries.", none_more: "Nothing more on this page.", page_next: "Next", page_first: "To the first page",
  keys: "↑ ↓ choose · R send again · K known until · 1–6 which deliveries",
  stuck: "{name}: {n} stuck since {time}", waiting: "waiting", sent: "through", known: "known",
  since: "waiting {span}", sent_at: "through {time}", given_up: "not told {time}", known_until: "known to {who} until {time}",
  tries: "tried {n} {n|time|times}", next: "again {time}", untried: "waits for its turn", attempts: "Attempts", here: "read here",
  channel_mail: "mail", channel_webhook: "webhook", channel_open311: "Open311", channel_page: "page here", channel_message: "message", channel_sink: "drill",
  outcome_delivered: "taken", outcome_refused: "refused", outcome_unreachable: "unreachable",
  code_certificate_early: "its certificate is not valid yet: is this machine's time right?", code_certificate_expired: "its certificate has expired",
  code_certificate_own: "its certificate is signed by itself and not trusted on this machine", code_certificate_authority: "its certificate is not trusted on this machine",
  code_certificate_name: "its certificate is for another name", code_certificate: "its certificate cannot be trusted", code_no_tls: "it speaks no TLS: is the port right?",
  code_no_name: "its name cannot be looked up (DNS)", code_closed_port: "nobody listens at its address", code_broke_off: "it broke off", code_no_route: "the network does not lead to it",
  code_sender: "the mail server does not take our sender: check mail.sender and mail.user", code_unsupported: "the mail server does not offer what we need: check mail.security and mail.user",
  code_timeout: "it did not answer in time", code_unset: "address or key is not set up", code_nobody: "there is nobody to tell any more",
  code_number: "no telephone number in use, not called", code_number_country: "a number of another country, not called by a machine", code_number_kind: "a kind of number that no machine calls (special rate, satellite, fixed line)",
  cause_forwarded: "forwarded", cause_coordinated: "to help", cause_reopened: "reopened", cause_sent_back: "proof sent back",
  cause_multiplied: "escalation", cause_paged: "alarm not acknowledged", cause_accepted: "accepted", cause_started: "started", cause_asked: "question",
  cause_replied: "reply", cause_validated: "done", cause_closed: "done", cause_merged: "merged", cause_referred: "referred", cause_rejected: "rejected",
  whom_agency: "agency", whom_office: "office", whom_supervisor: "supervisor", whom_source: "source", whom_citizen: "citizen", whom_phone: "a citizen's telephone", cause_received: "received", cause_resumed: "resumed",
  gathered: "in the letter of {time}",
  advice: "{name} refuses this one ({code}); what follows on the same complaint waits behind it.",
  advice_next: "Tried again {time}; after four refusals it is not tried any more by itself.",
  by_hand: "Refused four times: it is not tried any more by itself.", by_hand_short: "not tried any more by itself",
  advice_mail: "Check the mail address of {name} in the city's files, call {name}, then Send again.",
  advice_system: "Have {name} check address, key and what its system takes, then Send again.",
  resend: "Send again", know: "Known", know_title: "{name}, {number}: known until when?", know_why: "No alarm until then, seven days at most. Tries go on as they would.",
  reason: "Reason", until: "Until", hours: "{n} {n|hour|hours}", tomorrow: "tomorrow", days: "{n} {n|day|days}",
  asked: "sent again", noted: "noted", failed: "failed: {why}", no_answer: "the server does not answer", role: "supervisors and admins only", fault: "Failed: {why}",
  cancel: "Cancel", confirm: "Continue", person_first: "Who is on duty?", your_name: "Your name", as_supervisor: "The outbox is handled by a supervisor.",
  sitting: "{actor}, supervisor",
};

/** @param {string} lang @returns {OutboxSay} */
export function outboxSayIn(lang) {
  const words = lang === "en" ? EN : ID;
  return (key, values = {}) => fill(words[key], values);
}

/** @param {string} code of an attempt @returns {Word | null} the words for it, where it is one of ours */
function codeWord(code) {
  const key = `code_${code}`;
  return Object.hasOwn(ID, key) ? /** @type {Word} */ (key) : null;
}

// Its address: which deliveries, to whom, from which one on. A link shows the same elsewhere.

export const VIEWS = /** @type {const} */ (["waiting", "stuck", "refused", "known", "sent", "all"]);
/** @typedef {(typeof VIEWS)[number]} View */
/** @typedef {{view: View, to: string, cursor: string}} Place to: the receiver, empty for everybody; cursor: the last one of the page before */

/** @param {string} search of an address @returns {Place} */
export function placeOf(search) {
  const said = new URLSearchParams(search);
  const view = VIEWS.find((one) => one === said.get("state"));
  return { view: view ?? "waiting", to: said.get("to") ?? "", cursor: said.get("cursor") ?? "" };
}

/** @param {Place} place @param {string} search the address as it is, whose language and person stay @returns {string} the new one's query */
export function searchOf({ view, to, cursor }, search) {
  const said = new URLSearchParams(search);
  for (const [name, value] of [["state", view === "waiting" ? "" : view], ["to", to], ["cursor", cursor]]) {
    if (value) said.set(name ?? "", value);
    else said.delete(name ?? "");
  }
  return said.size > 0 ? `?${said}` : "";
}

/** @param {Place} place @returns {string} what is asked of the server */
export function questionOf({ view, to, cursor }) {
  const asked = new URLSearchParams({ ...(view === "all" ? {} : { state: view }), ...(to ? { to } : {}), ...(cursor ? { cursor } : {}) });
  return `/api/v1/outbox${asked.size > 0 ? `?${asked}` : ""}`;
}

// Rows: one a delivery, the chosen one with its attempts, written only where they differ.

/** @typedef {{at: string, channel: string, outcome: string, code: string, reason: string, took_ms: number}} Attempt */
/**
 * @typedef {object} Row a delivery as the server lists it; times are room time
 * @property {string} id @property {string} to @property {string} whom @property {string} name @property {string} channel
 * @property {string} cause @property {string | null} complaint @property {string | null} number @property {"waiting" | "sent" | "known"} state
 * @property {string} at @property {string | null} sent_at @property {string | null} next_at @property {number} tries
 * @property {string | null} [refused] code of the receiver's no to the last attempt @property {boolean} [by_hand] it is not tried any more by itself @property {boolean} [digest] with others in one letter
 * @property {string | null} known_until @property {string | null} known_by @property {Attempt[]} attempts
 */
/** @typedef {{say: OutboxSay, format: import("../../ui/format.js").Format}} Room */
/** @typedef {"resend" | "know"} Act */
/** @typedef {(row: Row, act: Act) => void} Hand */
/** @typedef {{item: HTMLElement, paint: (row: Row, now: number, chosen: boolean) => void}} Made */

export class Rows {
  /** @type {Map<string, Made>} */
  #known = new Map();

  /** @param {HTMLElement} list @param {Room} room @param {{choose: (id: string) => void, hand: Hand}} handlers */
  constructor(list, room, handlers) {
    this.list = list;
    this.room = room;
    this.handlers = handlers;
  }

  /** @param {readonly Row[]} rows in their order @param {number} now ms @param {string | null} chosen */
  paint(rows, now, chosen) {
    const there = new Set(rows.map(({ id }) => id));
    for (const [id, { item }] of this.#known) if (!there.has(id)) (item.remove(), this.#known.delete(id));
    rows.forEach((row, place) => {
      const made = this.#known.get(row.id) ?? madeOf(row, this.room, this.handlers);
      this.#known.set(row.id, made);
      if (this.list.children[place] !== made.item) this.list.insertBefore(made.item, this.list.children[place] ?? null);
      made.paint(row, now, row.id === chosen);
    });
  }

  /** @param {string} id */
  focus(id) {
    this.#known.get(id)?.item.querySelector("button")?.focus({ preventScroll: false });
  }

  /** @param {string} id @param {string} words what came of an order */
  tell(id, words) {
    const said = this.#known.get(id)?.item.querySelector(".said");
    if (said) write(said, words);
  }
}

/** @param {Row} first @param {Room} room @param {{choose: (id: string) => void, hand: Hand}} handlers @returns {Made} */
function madeOf(first, room, { choose, hand }) {
  let current = first;
  const { say } = room;
  const parts = { name: part("name"), what: part("what"), way: part("way"), how: part("how"), last: part("last") };
  const head = button("row", () => choose(current.id), ...Object.values(parts));
  const advice = element("p", "advice");
  const tries = element("ol", "attempts");
  const said = element("span", "said");
  said.setAttribute("role", "status");
  const acts = element("p", "acts", button("first", () => hand(current, "resend"), say("resend"), key("R")), button("know", () => hand(current, "know"), say("know"), key("K")), said);
  const more = element("div", "chosen", advice, tries, acts);
  const item = element("li", "delivery", head, more);
  return { item, paint: (row, now, chosen) => {
    current = row;
    mark(item, "data-id", row.id);
    mark(item, "data-state", row.state);
    mark(head, "aria-expanded", String(chosen));
    more.hidden = !chosen;
    for (const [name, words] of Object.entries(wordsOf(row, now, room))) write(/** @type {Record<string, HTMLElement>} */ (parts)[name] ?? head, words);
    /** @type {HTMLElement} */ (acts.querySelector(".know")).hidden = row.state === "sent";
    if (chosen) paintAttempts(tries, row, room);
    advice.hidden = !row.refused;
    write(advice, row.refused ? adviceOf(row, room) : "");
  } };
}

/** @param {string} name */
function part(name) {
  return element("span", name);
}

/** @param {string} words */
function key(words) {
  return element("kbd", "", words);
}

/** @param {string} name @param {() => void} act @param {...(string | HTMLElement)} children */
function button(name, act, ...children) {
  const made = element("button", name, ...children);
  made.setAttribute("type", "button");
  made.addEventListener("click", act);
  return made;
}

/** @param {Row} row @param {number} now @param {Room} room */
function wordsOf(row, now, { say, format }) {
  const cause = /** @type {"cause_forwarded"} */ (`cause_${row.cause.split(".")[1] ?? ""}`);
  const last = row.attempts[0];
  const time = (/** @type {string | null} */ moment) => format.hour(Date.parse(moment ?? ""));
  const up = row.state === "sent" && last?.outcome === "refused";
  const how = row.state === "sent" ? say(up ? "given_up" : "sent_at", { time: time(row.sent_at) })
    : row.state === "known" ? say("known_until", { who: row.known_by ?? "", time: dayTime(row.known_until, now, format) })
      : row.digest && Date.parse(row.at) > now ? say("gathered", { time: time(row.at) }) : say("since", { span: format.span(now - Date.parse(row.at)) });
  const tried = row.by_hand ? say("by_hand_short") : row.tries > 0 ? say("tries", { n: format.number(row.tries) }) : say("untried");
  return {
    name: row.name, what: [row.number, say(cause)].filter(Boolean).join(", "), how,
    way: `${say(/** @type {"whom_agency"} */ (`whom_${row.whom}`))}, ${say(/** @type {"channel_mail"} */ (`channel_${row.channel}`))}`,
    last: up ? lastWords(last, say) : row.state === "sent" ? "" : [tried, last ? lastWords(last, say) : ""].filter(Boolean).join(", "),
  };
}

/** @param {Row} row @param {Room} room @returns {string} what a no means, whether it is tried again, and what to do */
function adviceOf({ channel, name, refused, by_hand, next_at }, { say, format }) {
  const where = channel === "mail" ? "advice_mail" : "advice_system";
  const next = by_hand || next_at === null ? say("by_hand") : say("advice_next", { time: format.hour(Date.parse(next_at)) });
  return `${say("advice", { name, code: refused ?? "" })} ${next} ${say(where, { name })}`;
}

/** @param {string | null} moment @param {number} now @param {import("../../ui/format.js").Format} format */
function dayTime(moment, now, format) {
  const at = Date.parse(moment ?? "");
  return `${at - now > 20 * 3_600_000 ? `${format.weekday(at)} ` : ""}${format.hour(at)}`;
}

/** @param {Attempt} attempt @param {OutboxSay} say */
function lastWords({ outcome, code }, say) {
  const words = say(/** @type {"outcome_refused"} */ (`outcome_${outcome}`));
  const known = codeWord(code);
  if (known) return `${words}: ${say(known)}`;
  return code === outcome ? words : `${words} (${code})`;
}

/** @param {Attempt} attempt @returns {string} the line that was said, where our words for the code do not say it */
function more({ code, reason }) {
  return codeWord(code) && code !== "certificate" ? "" : reason;
}

/** @param {HTMLElement} list @param {Row} row @param {Room} room */
function paintAttempts(list, row, { say, format }) {
  const lines = row.attempts.map((one) => [
    format.clock(Date.parse(one.at)), say(/** @type {"channel_mail"} */ (`channel_${one.channel}`)), lastWords(one, say), more(one), `${format.number(one.took_ms)} ms`,
  ].filter(Boolean).join(" · "));
  if (row.next_at !== null && row.tries > 0) lines.unshift(say("next", { time: format.clock(Date.parse(row.next_at)) }));
  if (lines.length === 0) lines.push(row.channel === "page" ? say("here") : say("untried"));
  while (list.children.length > lines.length) list.lastElementChild?.remove();
  while (list.children.length < lines.length) list.append(element("li", ""));
  lines.forEach((words, place) => write(/** @type {Element} */ (list.children[place]), words));
}
