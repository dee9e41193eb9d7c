"""The record of every type of alarm: what it means and what to do, shown beside it on the desk. Rule: CR-05."""

from collections.abc import Mapping
from dataclasses import dataclass

from liveroom.domain.alarms.model import PRIORITY, AlarmKind

FEED, SCREEN, OUTBOX = "feed", "screen", "outbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The same in Indonesian and in English."""

    id: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One type of alarm. ``respond``: the time to respond. ``priority`` 1 to 3. ``owner``: who has to act."""

    name: Words
    cause: Words
    consequence: Words
    action: Words
    respond: Words
    priority: int
    owner: Words


_DUTY = Words(id="Petugas jaga", en="Duty officer")
_CRITICAL = Record(
    name=Words(id="Laporan darurat", en="Emergency report"),
    cause=Words(
        id="Laporan kelas darurat menunggu diteruskan.",
        en="A report of the emergency class waits to be forwarded.",
    ),
    consequence=Words(
        id="Orang dapat celaka selama belum ada OPD yang berangkat.",
        en="People may come to harm while no agency is on its way.",
    ),
    action=Words(
        id="Baca laporannya, teruskan ke OPD yang siaga, telepon bila tidak diterima.",
        en="Read the report, forward it to the agency on call, telephone if nobody accepts it.",
    ),
    respond=Words(id="Akui dalam 15 detik, teruskan dalam 60 detik.", en="Acknowledge in 15 s, forward in 60 s."),
    priority=PRIORITY[AlarmKind.CRITICAL],
    owner=_DUTY,
)
_PASSED = Record(
    name=Words(id="Terlambat", en="Overdue"),
    cause=Words(
        id="Batas waktu meneruskan, menerima atau menyelesaikan terlewati dan belum ada penanggung jawab.",
        en="The time to forward, accept or finish has run out and nobody follows it up.",
    ),
    consequence=Words(
        id="Janji kota kepada warga tidak ditepati; pada kelipatannya pimpinan diberi tahu.",
        en="The city's promise to the citizen is broken; at each multiple somebody higher is told.",
    ),
    action=Words(
        id="Hubungi OPD yang memegang laporan, tetapkan penanggung jawab saat mengakui.",
        en="Call the agency that has it, and name who follows it up when you acknowledge.",
    ),
    respond=Words(id="15 menit.", en="15 minutes."),
    priority=PRIORITY[AlarmKind.PASSED],
    owner=_DUTY,
)
_WARNED = Record(
    name=Words(id="Pra-peringatan", en="Pre-warning"),
    cause=Words(
        id="Sebagian besar batas waktu sebuah laporan sudah terpakai.",
        en="Most of the time allowed for a complaint has run.",
    ),
    consequence=Words(
        id="Tanpa tindakan laporan ini akan terlambat.",
        en="Unless somebody acts it will be overdue.",
    ),
    action=Words(
        id="Ingatkan OPD yang memegang laporan; bila perlu minta perpanjangan dengan alasan.",
        en="Remind the agency that has it; if need be ask for an extension, with a reason.",
    ),
    respond=Words(id="Sebelum batas waktunya habis.", en="Before its time has run out."),
    priority=PRIORITY[AlarmKind.WARNED],
    owner=_DUTY,
)
_LOST = Record(
    name=Words(id="Sumber terputus", en="Source lost"),
    cause=Words(
        id="Sebuah sumber diam lebih dari tiga kali selang biasanya.",
        en="A source has been silent for more than three times its usual gap.",
    ),
    consequence=Words(
        id="Laporan dari sumber itu tidak masuk dan tidak terlihat di dinding.",
        en="Reports of that source do not come in and are missing from the wall.",
    ),
    action=Words(
        id="Hubungi pengelola sumber, pantau kanal lain, catat bila sedang pemeliharaan.",
        en="Call whoever runs the source, watch the other channels, suppress it if it is maintenance.",
    ),
    respond=Words(id="15 menit.", en="15 minutes."),
    priority=PRIORITY[AlarmKind.LOST],
    owner=Words(id="Kepala regu", en="Supervisor"),
)
_FEED = Record(
    name=Words(id="Data terputus", en="Feed lost"),
    cause=Words(
        id="Layar tidak menerima data dari server lebih dari 15 detik.",
        en="A screen has had no data from the server for more than 15 seconds.",
    ),
    consequence=Words(
        id="Gambar di dinding sudah lama: alarm dan laporan baru tidak tampak.",
        en="The picture on the wall is old: new alarms and reports do not show.",
    ),
    action=Words(
        id="Periksa layar lain, hubungi teknisi, terima laporan lewat telepon sampai pulih.",
        en="Look at another screen, call the technician, take reports by telephone until it is back.",
    ),
    respond=Words(id="1 menit.", en="1 minute."),
    priority=1,
    owner=Words(id="Kepala regu", en="Supervisor"),
)
_SCREEN = Record(
    name=Words(id="Layar gelap", en="Screen dark"),
    cause=Words(
        id="Sebuah layar yang terdaftar tidak melapor selama 15 detik.",
        en="A registered screen has not reported for 15 seconds.",
    ),
    consequence=Words(
        id="Di tempat itu tidak ada yang melihat laporan dan alarm.",
        en="Nobody at its place sees complaints and alarms.",
    ),
    action=Words(
        id="Lihat layarnya, nyalakan lagi atau hubungi teknisi; bila sengaja mati, keluarkan dari layanan.",
        en="Look at the screen, switch it on or call the technician; if it is off on purpose, take it out of service.",
    ),
    respond=Words(id="15 menit.", en="15 minutes."),
    priority=3,
    owner=Words(id="Kepala regu", en="Supervisor"),
)
_OUTBOX = Record(
    name=Words(id="Penerusan macet", en="Forwarding stuck"),
    cause=Words(
        id="Surat atau pesan ke satu penerima, atau semua lewat satu server, belum sampai setelah beberapa kali.",
        en="Mail or messages to one receiver, or all by one server, are not through after several tries.",
    ),
    consequence=Words(
        id="Penerima belum tahu laporannya, sedangkan batas waktunya berjalan.",
        en="The receivers do not know of their complaints while the time runs.",
    ),
    action=Words(
        id="Lihat sebabnya di /desk/outbox. Server: panggil teknisi; penerima: telepon. Lalu kirim ulang, catat.",
        en="See why at /desk/outbox. A server: call the technician; a receiver: telephone it. Send again or note it.",
    ),
    respond=Words(id="15 menit.", en="15 minutes."),
    priority=PRIORITY[AlarmKind.LOST],
    owner=Words(id="Kepala regu", en="Supervisor"),
)

# Beside the four kinds the losses that are not a source's: every screen raises that of the feed itself (CR-07).
RECORDS: Mapping[str, Record] = {
    AlarmKind.CRITICAL.value: _CRITICAL,
    AlarmKind.PASSED.value: _PASSED,
    AlarmKind.WARNED.value: _WARNED,
    AlarmKind.LOST.value: _LOST,
    FEED: _FEED,
    SCREEN: _SCREEN,
    OUTBOX: _OUTBOX,
}
