"""What happens to a report, in the words of people who do not work here."""

from collections.abc import Mapping

from liveroom.domain.complaints.model import State
from liveroom.domain.events import Kind

SPOKEN = ("id", "en")
STEPS: Mapping[str, Mapping[str, str]] = {
    "id": {
        Kind.RECEIVED: "Laporan Anda diterima.",
        Kind.FORWARDED: "Diteruskan ke {who}.",
        Kind.ACCEPTED: "{who} menerima laporan ini dan akan menanganinya.",
        Kind.DECLINED: "Bukan bagian {who}; petugas mencarikan dinas yang tepat.",
        Kind.STARTED: "Pekerjaan dimulai.",
        Kind.ASKED: "Petugas bertanya:",
        Kind.ANSWERED: "Pertanyaan dijawab.",
        Kind.HELD: "Ditunda sampai {until}.",
        Kind.RESUMED: "Dilanjutkan.",
        Kind.PROOF_SUBMITTED: "Pekerjaan dinyatakan selesai dan sedang diperiksa.",
        Kind.SENT_BACK: "Hasilnya belum cukup; pekerjaan diteruskan.",
        Kind.VALIDATED: "Selesai. Hasilnya sudah diperiksa.",
        Kind.CLOSED: "Ditutup sebagai selesai.",
        Kind.REOPENED: "Dibuka kembali: belum selesai.",
        Kind.MERGED: "Digabung dengan laporan lain tentang hal yang sama.",
        Kind.SPLIT: "Ditangani sendiri lagi.",
        Kind.REFERRED: "Di luar kewenangan kota; diteruskan ke {who}.",
        Kind.REJECTED: "Tidak dapat ditangani.",
        Kind.REPLIED: "Balasan petugas:",
        Kind.RATED: "Penilaian Anda: {score} dari 5.",
        Kind.EXTENDED: "Batas waktunya diperpanjang.",
    },
    "en": {
        Kind.RECEIVED: "Your report was received.",
        Kind.FORWARDED: "Forwarded to {who}.",
        Kind.ACCEPTED: "{who} has taken it on.",
        Kind.DECLINED: "Not a matter for {who}; we look for the right agency.",
        Kind.STARTED: "Work has begun.",
        Kind.ASKED: "A question for you:",
        Kind.ANSWERED: "The question was answered.",
        Kind.HELD: "On hold until {until}.",
        Kind.RESUMED: "Going on.",
        Kind.PROOF_SUBMITTED: "Said to be done, now being checked.",
        Kind.SENT_BACK: "Not enough yet; work goes on.",
        Kind.VALIDATED: "Done. The work was checked.",
        Kind.CLOSED: "Closed as done.",
        Kind.REOPENED: "Open again: not done yet.",
        Kind.MERGED: "Joined with another report about the same thing.",
        Kind.SPLIT: "Handled on its own again.",
        Kind.REFERRED: "Not the city's; passed on to {who}.",
        Kind.REJECTED: "Cannot be handled.",
        Kind.REPLIED: "A reply:",
        Kind.RATED: "Your rating: {score} of 5.",
        Kind.EXTENDED: "It was given more time.",
    },
}
# The colour's word; what is grey says why.
STATES: Mapping[str, Mapping[str, str]] = {
    "id": {
        State.RECEIVED: "Menunggu",
        State.FORWARDED: "Menunggu",
        State.ACCEPTED: "Dalam proses",
        State.WORKING: "Dalam proses",
        State.PROOF_SUBMITTED: "Dalam proses",
        State.DONE: "Selesai",
        State.NOT_OURS: "Di luar kewenangan kota",
        State.REJECTED: "Tidak dapat ditangani",
        State.MERGED: "Digabung",
    },
    "en": {
        State.RECEIVED: "Waiting",
        State.FORWARDED: "Waiting",
        State.ACCEPTED: "In process",
        State.WORKING: "In process",
        State.PROOF_SUBMITTED: "In process",
        State.DONE: "Done",
        State.NOT_OURS: "Not the city's",
        State.REJECTED: "Cannot be handled",
        State.MERGED: "Joined",
    },
}


def spoken(language: str) -> str:
    """The language of these pages nearest to the one asked for."""
    return language if language in SPOKEN else SPOKEN[-1]
