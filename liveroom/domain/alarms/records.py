"""The record of every type of alarm, in Indonesian and English: what it means and what to do. Rule: CR-05.

Desks show it beside the alarm, letters quote it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from liveroom.domain.alarms.model import PRIORITY, AlarmKind

# The losses that are not a source's, as keys of RECORDS.
FEED, SCREEN, OUTBOX = "feed", "screen", "outbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordWords:
    """One text in Indonesian and in English."""

    id: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRecord:
    """One type of alarm. ``respond``: the time to respond. ``priority`` 1 to 3. ``owner``: who has to act."""

    name: RecordWords
    cause: RecordWords
    consequence: RecordWords
    action: RecordWords
    respond: RecordWords
    priority: int
    owner: RecordWords


_DUTY = RecordWords(id="Petugas jaga", en="Duty officer")
_SUPERVISOR = RecordWords(id="Kepala regu", en="Supervisor")
_CRITICAL = AlarmRecord(
    name=RecordWords(id="Laporan darurat", en="Emergency report"),
    cause=RecordWords(
        id="Laporan kelas darurat menunggu diteruskan.",
        en="A report of the emergency class waits to be forwarded.",
    ),
    consequence=RecordWords(
        id="Orang dapat celaka selama belum ada OPD yang berangkat.",
        en="People may come to harm while no agency is on its way.",
    ),
    action=RecordWords(
        id="Baca laporannya, teruskan ke OPD yang siaga, telepon bila tidak diterima.",
        en="Read the report, forward it to the agency on call, telephone if nobody accepts it.",
    ),
    respond=RecordWords(id="Akui dalam 15 detik, teruskan dalam 60 detik.", en="Acknowledge in 15 s, forward in 60 s."),
    priority=PRIORITY[AlarmKind.CRITICAL],
    owner=_DUTY,
)
_PASSED = AlarmRecord(
    name=RecordWords(id="Terlambat", en="Overdue"),
    cause=RecordWords(
        id="Batas waktu meneruskan, menerima atau menyelesaikan terlewati dan belum ada penanggung jawab.",
        en="The time to forward, accept or finish has run out and nobody follows it up.",
    ),
    consequence=RecordWords(
        id="Janji kota kepada warga tidak ditepati; pada kelipatannya pimpinan diberi tahu.",
        en="The city's promise to the citizen is broken; at each multiple somebody higher is told.",
    ),
    action=RecordWords(
        id="Hubungi OPD yang memegang laporan, tetapkan penanggung jawab saat mengakui.",
        en="Call the agency that has it, and name who follows it up when you acknowledge.",
    ),
    respond=RecordWords(id="15 menit.", en="15 minutes."),
    priority=PRIORITY[AlarmKind.PASSED],
    owner=_DUTY,
)
_WARNED = AlarmRecord(
    name=RecordWords(id="Pra-peringatan", en="Pre-warning"),
    cause=RecordWords(
        id="Sebagian besar batas waktu sebuah laporan sudah terpakai.",
        en="Most of the time allowed for a complaint has run.",
    ),
    consequence=RecordWords(
        id="Tanpa tindakan laporan ini akan terlambat.",
        en="Unless somebody acts it will be overdue.",
    ),
    action=RecordWords(
        id="Ingatkan OPD yang memegang laporan; bila perlu minta perpanjangan dengan alasan.",
        en="Remind the agency that has it; if need be ask for an extension, with a reason.",
    ),
    respond=RecordWords(id="Sebelum batas waktunya habis.", en="Before its time has run out."),
    priority=PRIORITY[AlarmKind.WARNED],
    owner=_DUTY,
)
_LOST = AlarmRecord(
    name=RecordWords(id="Sumber terputus", en="Source lost"),
    cause=RecordWords(
        id="Sebuah sumber diam lebih dari tiga kali selang biasanya.",
        en="A source has been silent for more than three times its usual gap.",
    ),
    consequence=RecordWords(
        id="Laporan dari sumber itu tidak masuk dan tidak terlihat di dinding.",
        en="Reports of that source do not come in and are missing from the wall.",
    ),
    action=RecordWords(
        id="Hubungi pengelola sumber, pantau kanal lain, catat bila sedang pemeliharaan.",
        en="Call whoever runs the source, watch the other channels, suppress it if it is maintenance.",
    ),
    respond=RecordWords(id="15 menit.", en="15 minutes."),
    priority=PRIORITY[AlarmKind.LOST],
    owner=_SUPERVISOR,
)
_FEED = AlarmRecord(
    name=RecordWords(id="Data terputus", en="Feed lost"),
    cause=RecordWords(
        id="Layar tidak menerima data dari server lebih dari 15 detik.",
        en="A screen has had no data from the server for more than 15 seconds.",
    ),
    consequence=RecordWords(
        id="Gambar di dinding sudah lama: alarm dan laporan baru tidak tampak.",
        en="The picture on the wall is old: new alarms and reports do not show.",
    ),
    action=RecordWords(
        id="Periksa layar lain, hubungi teknisi, terima laporan lewat telepon sampai pulih.",
        en="Look at another screen, call the technician, take reports by telephone until it is back.",
    ),
    respond=RecordWords(id="1 menit.", en="1 minute."),
    priority=1,
    owner=_SUPERVISOR,
)
_SCREEN = AlarmRecord(
    name=RecordWords(id="Layar gelap", en="Screen dark"),
    cause=RecordWords(
        id="Sebuah layar yang terdaftar tidak melapor selama 15 detik.",
        en="A registered screen has not reported for 15 seconds.",
    ),
    consequence=RecordWords(
        id="Di tempat itu tidak ada yang melihat laporan dan alarm.",
        en="Nobody at its place sees complaints and alarms.",
    ),
    action=RecordWords(
        id="Lihat layarnya, nyalakan lagi atau hubungi teknisi; bila sengaja mati, keluarkan dari layanan.",
        en="Look at the screen, switch it on or call the technician; if it is off on purpose, take it out of service.",
    ),
    respond=RecordWords(id="15 menit.", en="15 minutes."),
    priority=3,
    owner=_SUPERVISOR,
)
_OUTBOX = AlarmRecord(
    name=RecordWords(id="Penerusan macet", en="Forwarding stuck"),
    cause=RecordWords(
        id="Surat atau pesan ke satu penerima, atau semua lewat satu server, belum sampai setelah beberapa kali.",
        en="Mail or messages to one receiver, or all by one server, are not through after several tries.",
    ),
    consequence=RecordWords(
        id="Penerima belum tahu laporannya, sedangkan batas waktunya berjalan.",
        en="The receivers do not know of their complaints while the time runs.",
    ),
    action=RecordWords(
        id="Lihat sebabnya di /desk/outbox. Server: panggil teknisi; penerima: telepon. Lalu kirim ulang, catat.",
        en="See why at /desk/outbox. A server: call the technician; a receiver: telephone it. Send again or note it.",
    ),
    respond=RecordWords(id="15 menit.", en="15 minutes."),
    priority=PRIORITY[AlarmKind.LOST],
    owner=_SUPERVISOR,
)

# The four kinds, and the losses. Each screen itself shows that of the whole feed (CR-07).
RECORDS: Mapping[str, AlarmRecord] = {
    AlarmKind.CRITICAL.value: _CRITICAL,
    AlarmKind.PASSED.value: _PASSED,
    AlarmKind.WARNED.value: _WARNED,
    AlarmKind.LOST.value: _LOST,
    FEED: _FEED,
    SCREEN: _SCREEN,
    OUTBOX: _OUTBOX,
}
