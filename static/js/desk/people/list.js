/**
 * The list of the people page: its words and a row for each person.
 */
import { element, mark, write } from "../../ui/dom.js";
import { fill } from "../../ui/words.js";

// Words, Indonesian first.

/** @typedef {keyof typeof ID} Word */
/** @typedef {(key: Word, values?: Record<string, string | number>) => string} PeopleSay */

const ID = {
  title: "Pengguna", drill: "LATIHAN, bukan kejadian nyata", add: "Tambah pengguna", find: "Cari",
  none: "Belum ada pengguna. Admin pertama dibuat dari baris perintah: run.py user add NAMA --role admin", none_found: "Tidak ada yang cocok",
  sum: "{n} pengguna", sum_invited: "{n} belum memilih kata sandi", sum_disabled: "{n} nonaktif",
  lost: "Server tidak menjawab sejak {span}. Daftar di bawah ini sudah lama.",
  covered: "MODE KUNJUNGAN: daftar nama ditutup.", uncover: "Tampilkan 1 menit",
  duty: "petugas jaga", supervisor: "kepala regu", agency: "petugas OPD", agency_head: "kepala OPD", leadership: "pimpinan", admin: "admin",
  active: "", invited: "belum memilih kata sandi", invited_until: "belum memilih kata sandi, tautan berlaku {span}", disabled: "nonaktif", provider: "masuk lewat penyedia", second_factor: "langkah kedua terpasang",
  last: "Terakhir masuk", never: "belum pernah", ago: "{span} lalu", where: "Sedang masuk", nowhere: "tidak", sessions: "{n} sesi, terakhir {span} lalu", tokens: "{n} kunci program",
  change: "Ubah", reset: "Atur ulang kata sandi", log_out: "Akhiri sesi", reset_factor: "Cabut langkah kedua", disable: "Nonaktifkan", enable: "Aktifkan",
  login: "Nama pengguna", login_hint: "Huruf, angka, dan . _ - @ +. Nama ini tercatat di riwayat dan tidak pernah dipakai orang lain.",
  name: "Nama yang dilihat orang", role: "Peran", agencies: "OPD", choose: "– pilih –",
  add_why: "Setelah ini muncul tautan sekali pakai untuk memilih kata sandi. Tidak ada kata sandi yang dikirim.",
  change_title: "Ubah {name}", change_why: "Semua sesinya berakhir dan ia masuk lagi dengan peran baru.",
  reset_title: "Atur ulang kata sandi {name}?", reset_why: "Kata sandi lama, semua sesi, dan semua kunci programnya berakhir sekarang. Anda mendapat tautan sekali pakai untuk diserahkan kepadanya.",
  log_out_title: "Akhiri semua sesi {name}?", log_out_why: "Semua sesi dan semua kunci programnya berakhir dalam 2 detik. Ia dapat masuk lagi dengan kata sandinya.",
  reset_factor_title: "Cabut langkah kedua {name}?", reset_factor_why: "Untuk telepon dan kode pemulihan yang hilang. Pastikan dahulu bahwa ia sendiri yang meminta. Semua sesinya berakhir dalam 2 detik; sesudah itu kata sandi saja cukup, atau ia memasang yang baru bila perannya membutuhkannya.",
  disable_title: "Nonaktifkan {name}?", disable_why: "Ia keluar dalam 2 detik dan tidak dapat masuk sampai diaktifkan lagi; kunci programnya berakhir. Riwayatnya tetap.",
  link_title: "Tautan untuk {name}", link_why: "Berlaku sekali, 2 hari, dan hanya ditampilkan sekarang. Serahkan langsung kepada orangnya.",
  link: "Tautan", copy: "Salin", copied: "Tersalin", not_copied: "Tidak tersalin: pilih dan salin sendiri", close: "Tutup", link_lost: "Sudah dilakukan, tetapi tautannya tidak sampai. Buat tautan baru dengan Atur ulang kata sandi.",
  save: "Simpan", cancel: "Batal", confirm: "Lanjut", failed: "gagal: {why}", done: "selesai", no_answer: "server tidak menjawab", only_admin: "hanya admin",
  person_first: "Siapa yang bertugas?", your_name: "Nama Anda", as_admin: "Pengguna diatur oleh admin.", sitting: "{actor}, admin",
  fault: "Gagal: {why}", fault_last_admin: "Tanpa orang ini tidak ada admin yang dapat masuk. Tambahkan admin lain dahulu.",
  fault_login: "Hanya huruf, angka, dan . _ - @ +, paling banyak 64, dan bukan nama ruang ini sendiri.", fault_login_taken: "Nama ini sudah atau pernah dipakai orang lain.",
  fault_name: "1 sampai 128 huruf dalam satu baris.", fault_role: "Pilih salah satu peran.", fault_role_provider: "Nama, peran, dan OPD ditetapkan oleh penyedia setiap kali ia masuk.", fault_agency: "Pilih OPD kota ini.",
};

/** @type {Record<Word, string>} */
const EN = {
  title: "People", drill: "DRILL, not a real event", add: "Add a person", find: "Find",
  none: "Nobody can log in yet. The first admin is made by the command line: run.py user add NAME --role admin", none_found: "Nobody fits",
  sum: "{n} {n|person|people}", sum_invited: "{n} yet to choose a password", sum_disabled: "{n} disabled",
  lost: "The server has not answered for {span}. The list below is old.",
  covered: "VISIT MODE: the names are covered.", uncover: "Show for 1 min",
  duty: "duty officer", supervisor: "supervisor", agency: "agency officer", agency_head: "agency head", leadership: "leadership", admin: "admin",
  active: "", invited: "yet to choose a password", invited_until: "yet to choose a password, link holds {span}", disabled: "disabled", provider: "logs in by the provider", second_factor: "second step on",
  last: "Last log-in", never: "never", ago: "{span} ago", where: "Logged in now", nowhere: "no", sessions: "sessions: {n}, last act {span} ago", tokens: "keys of programs: {n}",
  change: "Change", reset: "Reset password", log_out: "Log out", reset_factor: "Take second step away", disable: "Disable", enable: "Enable",
  login: "Log-in name", login_hint: "Letters, digits and . _ - @ +. Histories name people by it, and nobody else ever gets it.",
  name: "Name that others see", role: "Role", agencies: "Agency", choose: "– choose –",
  add_why: "A one-time link for choosing a password comes next. No password is sent.",
  change_title: "Change {name}", change_why: "All their log-ins end; they come in again in the new role.",
  reset_title: "Reset the password of {name}?", reset_why: "The old password, all log-ins and all keys of their programs end now. You get a one-time link to hand over.",
  log_out_title: "Log {name} out everywhere?", log_out_why: "All log-ins and all keys of their programs end within 2 seconds. They can log in again with their password.",
  reset_factor_title: "Take the second step of {name} away?", reset_factor_why: "For a lost telephone and lost recovery codes. Make sure first that it is they who ask. All their log-ins end within 2 seconds; then the password alone will do, or they set up another where their role needs one.",
  disable_title: "Disable {name}?", disable_why: "They are out within 2 seconds and cannot log in until enabled again; keys of their programs end. Their history stays.",
  link_title: "A link for {name}", link_why: "It works once, for 2 days, and is shown only now. Hand it to the person yourself.",
  link: "Link", copy: "Copy", copied: "Copied", not_copied: "Not copied: select and copy it yourself", close: "Close", link_lost: "It is done, but the link did not arrive. Make another by Reset password.",
  save: "Save", cancel: "Cancel", confirm: "Continue", failed: "failed: {why}", done: "done", no_answer: "the server does not answer", only_admin: "admins only",
  person_first: "Who is on duty?", your_name: "Your name", as_admin: "People are set up by an admin.", sitting: "{actor}, admin",
  fault: "Failed: {why}", fault_last_admin: "Without this person no admin could log in. Add another admin first.",
  fault_login: "Only letters, digits and . _ - @ +, at most 64, and no name of the room itself.", fault_login_taken: "This name is, or was, somebody else’s.",
  fault_name: "1 to 128 characters in one line.", fault_role: "Choose one of the roles.", fault_role_provider: "Name, role and agency are the provider’s, taken at each log-in.", fault_agency: "Choose an agency of this city.",
};

/** @param {string} lang @returns {PeopleSay} */
export function peopleSayIn(lang) {
  const words = lang === "en" ? EN : ID;
  return (key, values = {}) => fill(words[key], values);
}

/** The word for a fault of a field. @param {{field: string, code: string, why: string}} no @returns {Word} */
export function faultWord({ field, code }) {
  if (code === "last_admin") return "fault_last_admin";
  if (field === "login") return code === "field" ? "fault_login_taken" : "fault_login";
  if (field === "as_role") return code === "state" ? "fault_role_provider" : "fault_role";
  if (field === "name") return "fault_name";
  return field === "agency" ? "fault_agency" : "fault";
}

// Rows: one a person, written only where they differ.

/**
 * @typedef {object} Person as the server lists them
 * @property {string} actor @property {string} name @property {string} role @property {string | null} agency
 * @property {"active" | "invited" | "disabled"} state
 * @property {boolean} by_provider
 * @property {string | null} logged_in_at @property {number} sessions @property {string | null} seen_at @property {number} tokens
 * @property {string | null} link_until @property {boolean} second_factor
 */
/** @typedef {"change" | "reset" | "log_out" | "reset_factor" | "disable" | "enable"} Act */
/** @typedef {{say: PeopleSay, format: import("../../ui/format.js").Format, agency: (key: string | null) => string | null, now: () => number, me: string | null}} Room now: the server's, ms; me: who is logged in */

const ACTS = /** @type {const} */ (["change", "reset", "log_out", "reset_factor", "disable", "enable"]);

/** @param {Person} person @param {string | null} me @returns {readonly Act[]} what can be done about them now; one's own second factor is taken away on one's own page */
function actsFor({ actor, state, by_provider: provider, sessions, tokens, second_factor: factor }, me) {
  return ACTS.filter((act) => {
    if (act === "reset_factor") return factor && actor !== me;
    if (act === "enable") return state === "disabled";
    if (state === "disabled") return act === "change" && !provider;
    if (act === "log_out") return sessions + tokens > 0;
    return act === "disable" || !provider;
  });
}

/** @param {Person} person @param {string} asked @param {Room} room @returns {boolean} */
export function fits(person, asked, { say, agency }) {
  const words = [person.actor, person.name, say(/** @type {"duty"} */ (person.role)), agency(person.agency) ?? ""].join(" ").toLowerCase();
  return asked.toLowerCase().split(/\s+/).every((part) => words.includes(part));
}

export class Rows {
  /** @type {Map<string, {item: HTMLElement, paint: (person: Person) => void}>} */
  #known = new Map();

  /** @param {HTMLElement} list @param {Room} room @param {(person: Person, act: Act) => void} hand */
  constructor(list, room, hand) {
    this.list = list;
    this.room = room;
    this.hand = hand;
  }

  /** @param {readonly Person[]} people in their order */
  paint(people) {
    const there = new Set(people.map(({ actor }) => actor));
    for (const [actor, { item }] of this.#known) if (!there.has(actor)) (item.remove(), this.#known.delete(actor));
    people.forEach((person, place) => {
      const { item, paint } = this.#of(person);
      if (this.list.children[place] !== item) this.list.insertBefore(item, this.list.children[place] ?? null);
      paint(person);
    });
  }

  /** @param {string} actor @param {string} words what came of an order */
  tell(actor, words) {
    const said = this.#known.get(actor)?.item.querySelector(".said");
    if (said) write(said, words);
  }

  /** @param {Person} person */
  #of(person) {
    const known = this.#known.get(person.actor) ?? rowOf(person, this.room, this.hand);
    this.#known.set(person.actor, known);
    return known;
  }
}

/** @param {Person} first @param {Room} room @param {(person: Person, act: Act) => void} hand */
function rowOf(first, room, hand) {
  let current = first;
  const { say } = room;
  const [name, login, role, place, state] = [element("h2", "name"), element("p", "login"), element("p", "role"), element("p", "place"), element("p", "state")];
  const [last, where] = [element("dd", ""), element("dd", "")];
  const figure = (/** @type {"last" | "where"} */ key, /** @type {HTMLElement} */ value) => element("dl", `figure-${key}`, element("div", "", element("dt", "", say(key)), value));
  const buttons = ACTS.map((act) => buttonFor(act, say, () => hand(current, act)));
  const said = element("span", "said");
  said.setAttribute("role", "status");
  const acts = element("p", "acts", ...buttons, said);
  const item = element("li", "person", element("div", "who", name, login), element("div", "as", role, place, state), figure("last", last), figure("where", where), acts);
  return { item, paint: (/** @type {Person} */ person) => {
    current = person;
    mark(item, "data-actor", person.actor);
    mark(item, "data-state", person.state);
    const words = wordsOf(person, room);
    for (const [node, text] of /** @type {const} */ ([[name, person.name], [login, person.actor], [role, words.role], [place, words.place], [state, words.state], [last, words.last], [where, words.where]])) write(node, text);
    const open = actsFor(person, room.me);
    buttons.forEach((button, index) => (button.hidden = !open.includes(/** @type {Act} */ (ACTS[index]))));
  } };
}

/** @param {Act} act @param {PeopleSay} say @param {() => void} press @returns {HTMLElement} */
function buttonFor(act, say, press) {
  const button = element("button", `act-${act}`, say(act));
  button.setAttribute("type", "button");
  button.addEventListener("click", press);
  return button;
}

/** @param {Person} person @param {Room} room */
function wordsOf(person, { say, format, agency, now }) {
  const span = (/** @type {string | null} */ at) => format.span(Math.abs(now() - Date.parse(at ?? "")));
  const state = person.state === "invited" && person.link_until ? say("invited_until", { span: span(person.link_until) }) : say(person.state);
  const here = person.sessions > 0 ? [say("sessions", { n: format.number(person.sessions), span: span(person.seen_at) })] : [];
  const programs = person.tokens > 0 ? [say("tokens", { n: format.number(person.tokens) })] : [];
  return {
    role: say(/** @type {"duty"} */ (person.role)),
    place: [agency(person.agency) ?? person.agency ?? "", person.by_provider ? say("provider") : "", person.second_factor ? say("second_factor") : ""].filter(Boolean).join(", "),
    state,
    last: person.logged_in_at ? say("ago", { span: span(person.logged_in_at) }) : say("never"),
    where: [...here, ...programs].join(", ") || say("nowhere"),
  };
}
