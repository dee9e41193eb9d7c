/**
 * The words of the page of screens, Indonesian first.
 */
import { fill } from "../../ui/words.js";

/** @typedef {keyof typeof ID} Word */
/** @typedef {(key: Word, values?: Record<string, string | number>) => string} ScreensSay */

const ID = {
  title: "Layar", drill: "LATIHAN, bukan kejadian nyata", pair: "Pasangkan layar", none: "Belum ada layar. Buka /wall di layar baru, lalu Pasangkan layar dengan kode yang tampil di sana.",
  unnamed: "Halaman tanpa nama", unnamed_why: "Terbuka di mesin server sendiri. Tidak menjadi alarm bila hilang.", ended: "Dicabut",
  sum: "{n} layar", sum_state: "{n} {state}", lost: "Server tidak menjawab sejak {span}. Daftar di bawah ini sudah lama.",
  ok: "baik", slow: "lambat", dark: "gelap", asleep: "tersembunyi", new: "belum terlihat", revoked: "dicabut",
  heard: "Terdengar", painted: "Terlukis", ago: "{span} lalu", never: "belum pernah", position: "Posisi", behind: "tertinggal {n}", level: "terkini",
  lag: "Jeda lukis", sound: "Suara", size: "Ukuran", version: "Versi", heap: "Memori", scene_now: "Adegan", since_revoked: "dicabut {time}",
  sound_off: "tidak diminta", sound_running: "menyala", sound_speaks: "menyala, berbicara", sound_suspended: "SUARA MATI",
  sound_interrupted: "SUARA MATI", sound_closed: "SUARA MATI", no_picture: "tanpa gambar", picture_of: "Yang tampak di {name}, {span} lalu",
  identify: "Kenali", reload: "Muat ulang", picture: "Gambar baru", change: "Atur", revoke: "Cabut",
  freeze: "Bekukan kedip", unfreeze: "Lepas kedip", frozen: "kedip beku {span}, data tetap berjalan",
  asked: "diminta", failed: "gagal: {why}", no_answer: "server tidak menjawab", role: "hanya kepala regu atau admin",
  code: "Kode pada layar", name: "Nama", place: "Tempat", shows: "Yang ditampilkan", scene: "Adegan", look: "Peta", tile: "Bagian dinding",
  speaks: "Bersuara", yes: "ya", no: "tidak", save: "Simpan", cancel: "Batal", confirm: "Lanjut",
  scene_all: "bergantian", scene_map: "peta", scene_board: "papan", scene_overdue: "terlambat", scene_agencies: "OPD", scene_trend: "tren", scene_visit: "kunjungan", scene_alarms: "meja alarm", scene_desk: "meja jaga",
  look_itself: "menurut ruang", look_districts: "per kecamatan", look_incidents: "setiap laporan",
  change_title: "Atur {name}", revoke_title: "Cabut {name}?",
  revoke_why: "Layar ini kehilangan kuncinya dalam 2 detik dan harus dipasangkan lagi.",
  person_first: "Siapa yang bertugas?", your_name: "Nama Anda", as_supervisor: "Layar diatur oleh kepala regu.", sitting: "{actor}, kepala regu",
  fault_code: "Tidak ada layar yang menunggu dengan kode itu.", fault_name: "Nama itu sudah dipakai layar lain.", fault: "Gagal: {why}",
};

/** @type {Record<Word, string>} */
const EN = {
  title: "Screens", drill: "DRILL, not a real event", pair: "Pair a screen", none: "No screen yet. Open /wall on the new screen, then Pair a screen with the code that it shows.",
  unnamed: "Pages without a name", unnamed_why: "Open on the server’s own machine. No alarm when they go.", ended: "Revoked",
  sum: "{n} {n|screen|screens}", sum_state: "{n} {state}", lost: "The server has not answered for {span}. The list below is old.",
  ok: "good", slow: "slow", dark: "dark", asleep: "hidden", new: "not seen yet", revoked: "revoked",
  heard: "Heard", painted: "Painted", ago: "{span} ago", never: "never", position: "Position", behind: "{n} behind", level: "current",
  lag: "Paint lag", sound: "Sound", size: "Size", version: "Version", heap: "Memory", scene_now: "Scene", since_revoked: "revoked {time}",
  sound_off: "not asked for", sound_running: "on", sound_speaks: "on, speaking", sound_suspended: "NO SOUND",
  sound_interrupted: "NO SOUND", sound_closed: "NO SOUND", no_picture: "no picture", picture_of: "What {name} shows, {span} ago",
  identify: "Identify", reload: "Reload", picture: "New picture", change: "Set up", revoke: "Revoke",
  freeze: "Freeze flashing", unfreeze: "Let it flash", frozen: "flashing frozen {span}, data goes on",
  asked: "asked", failed: "failed: {why}", no_answer: "the server does not answer", role: "supervisors and admins only",
  code: "Code on the screen", name: "Name", place: "Place", shows: "What it shows", scene: "Scene", look: "Map", tile: "Part of the wall",
  speaks: "Speaks", yes: "yes", no: "no", save: "Save", cancel: "Cancel", confirm: "Continue",
  scene_all: "in turn", scene_map: "map", scene_board: "board", scene_overdue: "overdue", scene_agencies: "agencies", scene_trend: "trend", scene_visit: "visit", scene_alarms: "alarm desk", scene_desk: "duty desk",
  look_itself: "as there is room", look_districts: "by district", look_incidents: "every complaint",
  change_title: "Set up {name}", revoke_title: "Revoke {name}?",
  revoke_why: "The screen loses its key within 2 seconds and has to be paired again.",
  person_first: "Who is on duty?", your_name: "Your name", as_supervisor: "Screens are set up by a supervisor.", sitting: "{actor}, supervisor",
  fault_code: "No screen waits under that code.", fault_name: "Another screen has that name.", fault: "Failed: {why}",
};

/** @param {string} lang @returns {ScreensSay} */
export function screensSayIn(lang) {
  const words = lang === "en" ? EN : ID;
  return (key, values = {}) => fill(words[key], values);
}
