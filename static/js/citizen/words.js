/**
 * The words of the citizens' form and of the public map; everything else stands in their HTML already.
 */

// The form.

const ID = {
  add_photo: "Tambah foto",
  remove: "Hapus",
  photo: "Foto",
  photo_bad: "Foto ini tidak bisa dipakai.",
  photo_full: "Tempat untuk foto sedang penuh: foto ini tidak terkirim. Laporan tetap bisa dikirim tanpa foto.",
  photo_many: "Paling banyak tiga foto.",
  locate: "Pakai lokasi ponsel saya",
  locating: "Mencari lokasi…",
  located: "Titik terpasang, teliti sekitar {m} m.",
  no_place: "Lokasi tidak didapat. Pilih kelurahan atau tunjuk di peta.",
  show_map: "Tunjuk di peta",
  map: "Peta kota: ketuk tempatnya",
  pointed: "Titik di peta terpasang.",
  unpoint: "Hapus titik",
  choose: "Pilih dulu laporannya tentang apa.",
  sending: "Mengirim…",
  sending_photo: "Mengirim foto…",
  kept: "Ruang kendali tidak terjangkau. Laporan BELUM terkirim, tetapi tersimpan di ponsel ini.",
  kept_busy: "Terlalu banyak kiriman dari sini. Laporan BELUM terkirim, tetapi tersimpan di ponsel ini dan dikirim nanti.",
  kept_not: "Ruang kendali tidak terjangkau, dan ponsel ini tidak bisa menyimpannya. Laporan BELUM terkirim.",
  unsent: "Belum terkirim: {n} laporan",
  unsent_note: "Tersimpan di ponsel ini. Dikirim sendiri selama halaman ini terbuka dan ada sinyal.",
  send_now: "Kirim sekarang",
  discard: "Buang",
  discard_sure: "Laporan ini belum terkirim. Buang?",
  look: "Periksa",
  replace: "Ganti isi formulir dengan laporan yang tersimpan ini?",
  refused: "Isinya ada di formulir: periksa, lalu kirim lagi.",
  refused_note: "Ada laporan yang belum bisa diterima begitu saja: periksa, lalu kirim lagi.",
  mine: "Laporan dari ponsel ini",
  forget: "Hapus daftar ini",
};

/** @type {typeof ID} */
const EN = {
  add_photo: "Add a photo",
  remove: "Remove",
  photo: "Photo",
  photo_bad: "This photo cannot be used.",
  photo_full: "There is no room for photos just now: this one was not sent. The report can be sent without it.",
  photo_many: "Three photos at most.",
  locate: "Use where I am",
  locating: "Looking for you…",
  located: "Place set, exact to about {m} m.",
  no_place: "No place found. Choose an area or show it on the map.",
  show_map: "Show it on the map",
  map: "Map of the city: touch the place",
  pointed: "Place set on the map.",
  unpoint: "Remove the place",
  choose: "Choose what it is about first.",
  sending: "Sending…",
  sending_photo: "Sending the photo…",
  kept: "The control room cannot be reached. Your report was NOT sent; it is kept on this device.",
  kept_busy: "Too much was sent from here. Your report was NOT sent; it is kept on this device and sent later.",
  kept_not: "The control room cannot be reached, and this device cannot keep it. Your report was NOT sent.",
  unsent: "Not sent yet: {n}",
  unsent_note: "Kept on this device. Sent by itself while this page is open and there is a network.",
  send_now: "Send now",
  discard: "Discard",
  discard_sure: "This report was not sent yet. Discard it?",
  look: "Look at it",
  replace: "Put this report in place of what is in the form?",
  refused: "It is in the form: look at it and send it again.",
  refused_note: "A report kept here cannot be taken as it is: look at it and send it again.",
  mine: "Reports from this device",
  forget: "Forget this list",
};

const WORDS = document.documentElement.lang === "en" ? EN : ID;

/** @param {keyof typeof ID} key @param {Record<string, string | number>} [filling] */
export function say(key, filling = {}) {
  return WORDS[key].replace(/\{(\w+)\}/g, (_, name) => String(filling[name] ?? ""));
}

// The public map.

const MAP_ID = {
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

/** @type {typeof MAP_ID} */
const MAP_EN = {
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

const MAP_WORDS = document.documentElement.lang === "en" ? MAP_EN : MAP_ID;

/** @param {keyof typeof MAP_ID} key @param {Record<string, string | number>} [filling] */
export function sayOnMap(key, filling = {}) {
  return MAP_WORDS[key].replace(/\{(\w+)\}/g, (_, name) => String(filling[name] ?? ""));
}
