/**
 * The scenes of the wall: their list and rotation, and the words of those that look back or compare.
 */

// Which scene is up: pinned by the address, else the same one on all screens at the same server time (CR-72).

export const SCENES = /** @type {const} */ (["map", "board", "overdue", "agencies", "trend"]);
/** Results for guests come by the address, or take their turn while guests are here. */
const PINNABLE = /** @type {const} */ ([...SCENES, "visit"]);
/** @typedef {typeof PINNABLE[number]} Scene */

export const DWELL_MS = 30_000;

/** @param {string | null | undefined} name @returns {Scene | null} null: not pinned, rotate */
export function pinned(name) {
  return PINNABLE.find((scene) => scene === name) ?? null;
}

/** @param {Scene | null} pin @param {number | null} serverNow ms; null before the first beat @param {boolean} [guests] are here @returns {Scene} */
export function sceneAt(pin, serverNow, guests = false) {
  if (pin) return pin;
  const turns = guests ? PINNABLE : SCENES;
  return turns[Math.floor((serverNow ?? 0) / DWELL_MS) % turns.length] ?? "map";
}

/** @param {Scene} scene @returns {Scene} the one that follows it in the rotation */
export function after(scene) {
  return SCENES[(SCENES.findIndex((one) => one === scene) + 1) % SCENES.length] ?? "map";
}

// Words of the scenes that look back or compare: late, agencies, trend, visit. Indonesian first.

export const SCENE_ID = {
  figures_old: "angka {span} lalu",
  figures_none: "angka belum tersedia",
  overdue_question: "Siapa terlambat, berapa lama?",
  overdue_answer: "{n} laporan, {told} sudah sampai {whom}",
  overdue_plain: "{n} laporan",
  overdue_empty: "Tidak ada yang terlambat",
  overdue_next: "yang berikutnya habis waktu",
  overdue_none_next: "Tidak ada yang terlambat; berikutnya habis waktu:",
  overdue_of: "{shown} dari {n}",
  overdue_many: "{n} laporan, {places} kecamatan",
  overdue_times: "{n} × {what}",
  duty_desk: "Meja jaga",
  limit: "batas",
  not_acked: "belum diakui",
  acked_at: "diakui {time}",
  followed_up: "sudah ditindaklanjuti",
  agencies_question: "OPD mana yang kewalahan?",
  agencies_answer: "{agency} perlu {days} hari kerja untuk menghabiskan antrean",
  agencies_unknown: "{agency} punya {n} laporan terbuka, belum ada yang selesai",
  agencies_young: "{agency} punya {n} laporan terbuka, antreannya belum dapat dihitung",
  agencies_empty: "Tidak ada laporan terbuka",
  open_reports: "laporan terbuka",
  fourteen_days: "14 hari",
  queue: "antrean",
  queue_unit: "hari",
  median: "median",
  median_is: "median {span}",
  no_median: "median –",
  more_agencies: "+{n} lainnya",
  kpi_window: "dalam {days} hari kerja",
  kpi_window_none: "belum ada jam kerja",
  kpi_median: "median",
  kpi_within: "dalam target",
  kpi_forward: "meneruskan",
  kpi_accept: "menerima",
  kpi_finish: "menyelesaikan",
  kpi_emergency: "darurat diteruskan",
  kpi_p90: "p90 {span}",
  kpi_cases: "{least} – {most}",
  kpi_n: "n {n}",
  at_most: "≤ {span}",
  rest_overdue: "{share} terlambat",
  rest_oldest: "tertua {span}",
  rest_reopened: "dibuka lagi {n}/{of}",
  trend_question: "Hari ini dibanding biasanya?",
  trend_more: "Lebih ramai dari {day} biasa",
  trend_less: "Lebih sepi dari {day} biasa",
  trend_same: "Seramai {day} biasa",
  trend_behind: "penyelesaian tertinggal",
  trend_ahead: "penyelesaian lebih cepat",
  trend_even: "penyelesaian seperti biasa",
  trend_none: "Belum ada hari yang dapat dibandingkan",
  incoming: "masuk hari ini",
  finished_today: "diselesaikan hari ini",
  from_earlier: "{n} dari hari lalu",
  against: "{n}, biasa {usual}",
  today: "hari ini",
  usual_day: "{day} biasa, {weeks} minggu",
  visit_question: "Apa hasil hari ini?",
  visit_finished: "laporan diselesaikan hari ini",
  visit_on_time: "tepat waktu, yang terlambat ikut dihitung",
  visit_median: "dari masuk sampai selesai",
  visit_median_note: "nilai tengah hari ini",
  visit_before: "Sebelum",
  visit_after: "Sesudah",
  visit_took: "{agency}, selesai dalam {span}",
  visit_kinds: "Paling banyak diselesaikan hari ini",
  visit_kinds_rest: "dan {n} laporan lain",
  copy: "SALINAN {time} {zone}",
};

/** @type {typeof SCENE_ID} */
export const SCENE_EN = {
  figures_old: "figures {span} old",
  figures_none: "no figures yet",
  overdue_question: "Who is late, and how late?",
  overdue_answer: "{n} {n|report|reports}, {told} {told|has|have} reached the {whom}",
  overdue_plain: "{n} {n|report|reports}",
  overdue_empty: "None overdue",
  overdue_next: "whose time runs out next",
  overdue_none_next: "None overdue; next to run out:",
  overdue_of: "{shown} of {n}",
  overdue_many: "{n} {n|report|reports}, {places} {places|district|districts}",
  overdue_times: "{n} × {what}",
  duty_desk: "Duty desk",
  limit: "limit",
  not_acked: "unacknowledged",
  acked_at: "acknowledged {time}",
  followed_up: "being followed up",
  agencies_question: "Which agency is swamped?",
  agencies_answer: "{agency} needs {days} working {days|day|days} to clear its queue",
  agencies_unknown: "{agency} has {n} open {n|report|reports} and has finished none",
  agencies_young: "{agency} has {n} open {n|report|reports}, its queue cannot be judged yet",
  agencies_empty: "No open reports",
  open_reports: "open reports",
  fourteen_days: "14 days",
  queue: "queue",
  queue_unit: "days",
  median: "median",
  median_is: "median {span}",
  no_median: "median –",
  more_agencies: "+{n} more",
  kpi_window: "in {days} working {days|day|days}",
  kpi_window_none: "no working time yet",
  kpi_median: "median",
  kpi_within: "within target",
  kpi_forward: "forwarding",
  kpi_accept: "accepting",
  kpi_finish: "finishing",
  kpi_emergency: "emergency sent on",
  kpi_p90: "p90 {span}",
  kpi_cases: "{least} – {most}",
  kpi_n: "n {n}",
  at_most: "≤ {span}",
  rest_overdue: "{share} overdue",
  rest_oldest: "oldest {span}",
  rest_reopened: "reopened {n}/{of}",
  trend_question: "Today against a usual day?",
  trend_more: "Busier than a usual {day}",
  trend_less: "Quieter than a usual {day}",
  trend_same: "As busy as a usual {day}",
  trend_behind: "finishing lags behind",
  trend_ahead: "finishing is ahead",
  trend_even: "finishing as usual",
  trend_none: "No day yet to compare with",
  incoming: "received today",
  finished_today: "completed today",
  from_earlier: "{n} from earlier days",
  against: "{n}, usually {usual}",
  today: "today",
  usual_day: "usual {day}, {weeks} {weeks|week|weeks}",
  visit_question: "What has today brought?",
  visit_finished: "{n|report|reports} completed today",
  visit_on_time: "on time, counting what is still late",
  visit_median: "from received to finished",
  visit_median_note: "median of today",
  visit_before: "Before",
  visit_after: "After",
  visit_took: "{agency}, finished in {span}",
  visit_kinds: "Most often completed today",
  visit_kinds_rest: "and {n} other {n|report|reports}",
  copy: "COPY OF {time} {zone}",
};
