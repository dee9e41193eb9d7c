"""The letter that tells a citizen what became of the own report: one sentence, what was said to them, the link."""

from collections.abc import Mapping
from html import escape

from liveroom.city.city import City
from liveroom.courier import naming
from liveroom.courier.content import Content
from liveroom.courier.letter import Letter
from liveroom.courier.outcome import line_of
from liveroom.domain.events import Kind

SAID = frozenset({Kind.REPLIED, Kind.ASKED})
# By cause: the subject's words and the sentence.
TOLD: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "id": {
        Kind.RECEIVED: ("Laporan diterima", "Laporan Anda sudah kami terima."),
        Kind.FORWARDED: ("Diteruskan", "Laporan Anda diteruskan ke dinas yang menangani."),
        Kind.ACCEPTED: ("Diterima dinas", "Dinas menerima laporan Anda dan akan menanganinya."),
        Kind.STARTED: ("Mulai dikerjakan", "Laporan Anda mulai dikerjakan."),
        Kind.ASKED: ("Ada pertanyaan", "Petugas perlu keterangan dari Anda. Jawab melalui tautan di bawah."),
        Kind.RESUMED: ("Dilanjutkan", "Penanganan laporan Anda dilanjutkan."),
        Kind.REPLIED: ("Balasan petugas", "Petugas membalas laporan Anda."),
        Kind.VALIDATED: ("Selesai", "Laporan Anda selesai dan hasilnya sudah diperiksa."),
        Kind.CLOSED: ("Selesai", "Laporan Anda ditutup sebagai selesai."),
        Kind.REOPENED: ("Dibuka kembali", "Laporan Anda dibuka kembali."),
        Kind.MERGED: ("Digabung", "Laporan Anda digabung dengan laporan lain tentang hal yang sama."),
        Kind.REFERRED: ("Diteruskan ke instansi lain", "Laporan Anda diteruskan ke instansi di luar pemerintah kota."),
        Kind.REJECTED: ("Tidak dapat ditangani", "Laporan Anda tidak dapat ditangani."),
    },
    "en": {
        Kind.RECEIVED: ("Report received", "We have received your report."),
        Kind.FORWARDED: ("Forwarded", "Your report was forwarded to the agency that handles it."),
        Kind.ACCEPTED: ("Taken on", "The agency has taken on your report."),
        Kind.STARTED: ("Work has begun", "Work on your report has begun."),
        Kind.ASKED: ("A question", "We need something from you. Please answer by the link below."),
        Kind.RESUMED: ("Going on", "Work on your report goes on."),
        Kind.REPLIED: ("A reply", "Your report was replied to."),
        Kind.VALIDATED: ("Done", "Your report is done and the work was checked."),
        Kind.CLOSED: ("Done", "Your report was closed as done."),
        Kind.REOPENED: ("Open again", "Your report is open again."),
        Kind.MERGED: ("Joined", "Your report was joined with another one about the same thing."),
        Kind.REFERRED: ("Passed on", "Your report was passed on to a body outside the city."),
        Kind.REJECTED: ("Cannot be handled", "Your report cannot be handled."),
    },
}
JOINED: Mapping[str, str] = {
    "id": "Laporan Anda digabung dengan laporan lain tentang hal yang sama; ini perkembangannya.",
    "en": "Your report was joined with another one about the same thing; this is how that goes on.",
}
FOOT: Mapping[str, tuple[str, str]] = {
    "id": ("Lihat laporan Anda", "Tautan ini pribadi: siapa pun yang memilikinya dapat membuka laporan ini."),
    "en": ("See your report", "This link is private: whoever has it can open this report."),
}


def citizen_letter(content: Content, city: City) -> Letter:
    """The letter of a delivery; nothing of the report's own text is in it, for mail is read on the way."""
    languages = naming.languages_of(city)
    said = content.said if content.event.event.kind in SAID else None
    parts = [(_sentence(content, language), *FOOT[language]) for language in languages]
    title = told_of(content, languages[0])[0]
    whole = "<hr>".join(_html(content, said, part) for part in parts)
    return Letter(
        subject=" · ".join(part for part in (line_of(content.number), title) if part),
        plain="\n\n--\n\n".join(_plain(content, said, part) for part in parts) + "\n",
        html=f'<html lang="{languages[0]}"><body>{whole}</body></html>\n',
    )


def told_of(content: Content, language: str) -> tuple[str, str]:
    """The subject and the sentence of what happened; empty for what citizens are not told."""
    title, sentence = TOLD[language].get(content.event.event.kind, ("", ""))
    return title, sentence


def _sentence(content: Content, language: str) -> str:
    sentence = told_of(content, language)[1]
    return f"{sentence} {JOINED[language]}" if content.joined else sentence


def _plain(content: Content, said: str | None, part: tuple[str, ...]) -> str:
    sentence, call, foot = part
    lines = [f"{content.number}: {sentence}", *(("", said) if said else ())]
    return "\n".join((*lines, *(("", f"{call}:", content.link, foot) if content.link else ())))


def _html(content: Content, said: str | None, part: tuple[str, ...]) -> str:
    sentence, call, foot = part
    words = f"<blockquote>{escape(said).replace(chr(10), '<br>')}</blockquote>" if said else ""
    act = f'<p><a href="{escape(content.link)}">{escape(call)}</a></p><p>{escape(foot)}</p>' if content.link else ""
    return f"<p><b>{escape(content.number)}</b>: {escape(sentence)}</p>{words}{act}"
