"""The words of letters, in Indonesian and in English."""

from collections.abc import Mapping

from liveroom.domain.events import Kind

# By cause: what the subject begins with, and the letter's first sentence.
OPENING: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "id": {
        Kind.FORWARDED: ("Laporan baru", "Laporan berikut diteruskan kepada {agency}."),
        Kind.COORDINATED: ("Ikut menangani", "{agency} diminta ikut menangani laporan berikut."),
        Kind.REOPENED: ("Dibuka kembali", "Laporan berikut dibuka kembali dan menunggu {agency}."),
        Kind.SENT_BACK: ("Bukti belum diterima", "Bukti penanganan laporan berikut dikembalikan untuk dilengkapi."),
        Kind.COMMENTED: ("Pertanyaan", "Pertanyaan tentang laporan berikut, mohon dijawab sebelum {until}."),
        Kind.DEADLINE_MULTIPLIED: ("Terlambat {percent} %", "Laporan berikut sudah memakai {percent} % dari waktunya."),
        Kind.ALARM_PAGED: ("Alarm belum diakui", "Sebuah alarm sudah 60 detik tanpa pengakuan."),
    },
    "en": {
        Kind.FORWARDED: ("New complaint", "This complaint is forwarded to {agency}."),
        Kind.COORDINATED: ("Please help", "{agency} is asked to help with this complaint."),
        Kind.REOPENED: ("Reopened", "This complaint is open again and waits for {agency}."),
        Kind.SENT_BACK: ("Proof sent back", "The proof of this complaint was sent back to be completed."),
        Kind.COMMENTED: ("A question", "A question about this complaint, please answer it before {until}."),
        Kind.DEADLINE_MULTIPLIED: ("{percent} % of its time", "This complaint has used {percent} % of its time."),
        Kind.ALARM_PAGED: ("Alarm not acknowledged", "An alarm has not been acknowledged for 60 seconds."),
    },
}
FIELDS: Mapping[str, Mapping[str, str]] = {
    "id": {
        "number": "Nomor",
        "category": "Kategori",
        "class": "Kelas",
        "place": "Wilayah",
        "address": "Alamat",
        "point": "Titik",
        "received": "Diterima",
        "due": "Batas waktu",
        "description": "Isi laporan",
        "said": "Catatan",
        "pictures": "Foto",
        "alarm": "Alarm",
        "link": "Buka dan tanggapi laporan ini",
    },
    "en": {
        "number": "Number",
        "category": "Category",
        "class": "Class",
        "place": "Area",
        "address": "Address",
        "point": "Point",
        "received": "Received",
        "due": "Deadline",
        "description": "Description",
        "said": "Note",
        "pictures": "Pictures",
        "alarm": "Alarm",
        "link": "Open and answer this complaint",
    },
}
# Of a letter that tells of several: its subject, and its first sentence.
DIGEST: Mapping[str, tuple[str, str]] = {
    "id": ("{n} laporan baru · {agency}", "{n} laporan berikut diteruskan kepada {agency}."),
    "en": ("{n} new complaints · {agency}", "These {n} complaints are forwarded to {agency}."),
}
FOOT: Mapping[str, str] = {
    "id": "Surat otomatis dari {room}. Nomor kiriman {id}; kiriman ulang membawa nomor yang sama.",
    "en": "Sent automatically by {room}. Delivery {id}; a repeated one carries the same number.",
}
DUE: Mapping[str, str] = {"id": "batas {due}", "en": "due {due}"}
