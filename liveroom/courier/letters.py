"""E-mails about complaints and alarms: subject, plain text and simple HTML, the city's own language first.

- `agency_letter`: to an agency, office or supervisor, about one complaint or alarm.
- `digest_letter`: to an agency, several complaints that are new to it, one line and one link each.
- `citizen_letter`: what became of the citizen's own report; nothing of the report's own text, for mail is read on the
  way.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from liveroom.city.city import City
from liveroom.courier.content import (
    SAID_TO_CITIZENS,
    Content,
    category_in,
    class_in,
    due_in,
    languages_of,
    moment_in,
    place_in,
)
from liveroom.courier.http import line_of
from liveroom.domain import timestamps
from liveroom.domain.alarms.records import RECORDS
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import Kind
from liveroom.domain.notifications import RecipientKind

# The words of letters by language.

# By cause: the beginning of the subject, and the first sentence.
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
# Labels, in the order of a letter's lines; ``link`` is the words of the link.
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
# Of a digest: the subject, and the first sentence.
DIGEST: Mapping[str, tuple[str, str]] = {
    "id": ("{n} laporan baru · {agency}", "{n} laporan berikut diteruskan kepada {agency}."),
    "en": ("{n} new complaints · {agency}", "These {n} complaints are forwarded to {agency}."),
}
FOOT: Mapping[str, str] = {
    "id": "Surat otomatis dari {room}. Nomor kiriman {id}; kiriman ulang membawa nomor yang sama.",
    "en": "Sent automatically by {room}. Delivery {id}; a repeated one carries the same number.",
}
DUE: Mapping[str, str] = {"id": "batas {due}", "en": "due {due}"}
# By cause: the subject and the sentence of a citizen's letter.
CITIZEN_OPENING: Mapping[str, Mapping[str, tuple[str, str]]] = {
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
# What is added for a citizen whose report was merged into the complaint that the event is about.
JOINED: Mapping[str, str] = {
    "id": "Laporan Anda digabung dengan laporan lain tentang hal yang sama; ini perkembangannya.",
    "en": "Your report was joined with another one about the same thing; this is how that goes on.",
}
# The words of the link, and the foot.
CITIZEN_FOOT: Mapping[str, tuple[str, str]] = {
    "id": ("Lihat laporan Anda", "Tautan ini pribadi: siapa pun yang memilikinya dapat membuka laporan ini."),
    "en": ("See your report", "This link is private: whoever has it can open this report."),
}

# Label and value of each line that has something to say.
Fields = tuple[tuple[str, str], ...]
# Of a digest: first sentence, (line, link) of each complaint, foot.
DigestPart = tuple[str, list[tuple[str, str | None]], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One subject line, and the same text as plain text and as HTML."""

    subject: str
    plain: str
    html: str


# To an agency, an office or the supervisor, about one complaint or alarm.


def agency_letter(content: Content, city: City) -> Letter:
    """The letter of a delivery, as the complaint is now."""
    languages = languages_of(city)
    parts = [_part(content, city, language) for language in languages]
    return Letter(
        subject=_subject(content, city, languages[0]),
        plain="\n\n--\n\n".join(_plain(*part) for part in parts) + "\n",
        html=f'<html lang="{languages[0]}"><body>{"<hr>".join(_html(*part) for part in parts)}</body></html>\n',
    )


def _part(content: Content, city: City, language: str) -> tuple[str, Fields, str | None, str, str]:
    opening = OPENING[language].get(content.event.event.kind, ("", ""))[1].format(**_filling(content, city, language))
    link = content.link if content.delivery.whom == RecipientKind.AGENCY else None
    foot = FOOT[language].format(room=city.room_name, id=content.delivery.id)
    return opening, tuple(_fields(content, city, language)), link, FIELDS[language]["link"], foot


def _filling(content: Content, city: City, language: str) -> dict[str, str]:
    payload = content.event.event.fields
    answer_by = timestamps.read_or_none(payload.get("answer_by"))
    return {
        "agency": _agency_name(content, city, language),
        "percent": str(payload.get("percent", "")),
        "until": "" if answer_by is None else moment_in(city, answer_by, language),
    }


def _agency_name(content: Content, city: City, language: str) -> str:
    agency = city.agencies.get(content.delivery.key)
    name = None if agency is None else agency.name_en if language == "en" else agency.name
    return name or content.delivery.key


def _subject(content: Content, city: City, language: str) -> str:
    opening = OPENING[language].get(content.event.event.kind, ("", ""))[0].format(**_filling(content, city, language))
    parts = [opening, content.number]
    if content.complaint is not None:
        parts += _summary(content.complaint, city, language)
    elif content.alarm is not None:
        parts += [_alarm(content, language)]
    return " · ".join(line_of(part) for part in parts if part)


def _fields(content: Content, city: City, language: str) -> Iterator[tuple[str, str]]:
    """Label and value of every field that has one, in the order of FIELDS."""
    labels = FIELDS[language]
    values = {"alarm": _alarm(content, language), **_codes(content, city, language)}
    values |= {key: content.texts.get(key, "") for key in ("address", "description")}
    values |= {"said": content.said or "", "pictures": "\n".join(content.pictures)}
    yield from ((labels[key], values[key]) for key in labels if values.get(key))


def _codes(content: Content, city: City, language: str) -> dict[str, str]:
    complaint = content.complaint
    if complaint is None:
        return {}
    point = "" if complaint.lat is None else f"{complaint.lat:.5f}, {complaint.lon:.5f}"
    return {
        "number": line_of(complaint.source_id),
        "category": category_in(city, complaint.category, language),
        "class": class_in(city, complaint.class_, language),
        "place": place_in(city, complaint),
        "point": point,
        "received": moment_in(city, complaint.received_at, language),
        "due": due_in(city, complaint, language),
    }


def _alarm(content: Content, language: str) -> str:
    if content.alarm is None:
        return ""
    name = RECORDS[content.alarm.kind.value].name
    about = content.alarm.source or content.alarm.agency or ""
    return f"P{content.alarm.priority} {name.en if language == 'en' else name.id} {about}".strip()


def _plain(opening: str, fields: Fields, link: str | None, call: str, foot: str) -> str:
    lines = [f"{label}: {value}" if "\n" not in value else f"{label}:\n{value}" for label, value in fields]
    return "\n".join((opening, "", *lines, *(("", f"{call}:", link) if link else ()), "", foot))


def _html(opening: str, fields: Fields, link: str | None, call: str, foot: str) -> str:
    rows = "".join(
        f'<tr><th align="left" valign="top">{escape(label)}</th><td>{escape(value).replace(chr(10), "<br>")}</td></tr>'
        for label, value in fields
    )
    act = f'<p><a href="{escape(link)}">{escape(call)}</a></p>' if link else ""
    return f'<p>{escape(opening)}</p><table cellpadding="4">{rows}</table>{act}<p><small>{escape(foot)}</small></p>'


# To a citizen: one sentence, what was said to them, the private link.


def citizen_letter(content: Content, city: City) -> Letter:
    """The letter of a delivery to a citizen, without the text of the report."""
    languages = languages_of(city)
    said = content.said if content.event.event.kind in SAID_TO_CITIZENS else None
    parts = [(_sentence(content, language), *CITIZEN_FOOT[language]) for language in languages]
    title = citizen_opening(content, languages[0])[0]
    whole = "<hr>".join(_citizen_html(content, said, part) for part in parts)
    return Letter(
        subject=" · ".join(part for part in (line_of(content.number), title) if part),
        plain="\n\n--\n\n".join(_citizen_plain(content, said, part) for part in parts) + "\n",
        html=f'<html lang="{languages[0]}"><body>{whole}</body></html>\n',
    )


def citizen_opening(content: Content, language: str) -> tuple[str, str]:
    """The subject and the sentence of what happened; empty for an event that citizens are not told of."""
    return CITIZEN_OPENING[language].get(content.event.event.kind, ("", ""))


def _sentence(content: Content, language: str) -> str:
    sentence = citizen_opening(content, language)[1]
    return f"{sentence} {JOINED[language]}" if content.joined else sentence


def _citizen_plain(content: Content, said: str | None, part: tuple[str, ...]) -> str:
    sentence, call, foot = part
    lines = [f"{content.number}: {sentence}", *(("", said) if said else ())]
    return "\n".join((*lines, *(("", f"{call}:", content.link, foot) if content.link else ())))


def _citizen_html(content: Content, said: str | None, part: tuple[str, ...]) -> str:
    sentence, call, foot = part
    words = f"<blockquote>{escape(said).replace(chr(10), '<br>')}</blockquote>" if said else ""
    act = f'<p><a href="{escape(content.link)}">{escape(call)}</a></p><p>{escape(foot)}</p>' if content.link else ""
    return f"<p><b>{escape(content.number)}</b>: {escape(sentence)}</p>{words}{act}"


# To an agency about several complaints.


def digest_letter(content: Content, city: City) -> Letter:
    """The letter of these deliveries, the oldest first, each complaint as it is now."""
    languages = languages_of(city)
    parts = [_digest_part(content, city, language) for language in languages]
    return Letter(
        subject=_digest_opening(content, city, languages[0])[0],
        plain="\n\n--\n\n".join(_digest_plain(*part) for part in parts) + "\n",
        html=f'<html lang="{languages[0]}"><body>{"<hr>".join(_digest_html(*part) for part in parts)}</body></html>\n',
    )


def _digest_part(content: Content, city: City, language: str) -> DigestPart:
    lines = [(_digest_line(one, city, language), one.link) for one in (content, *content.also)]
    foot = FOOT[language].format(room=city.room_name, id=content.delivery.digest)
    return _digest_opening(content, city, language)[1], lines, foot


def _digest_opening(content: Content, city: City, language: str) -> Sequence[str]:
    filling: Mapping[str, object] = {
        "n": len(content.also) + 1,
        "agency": _agency_name(content, city, language),
    }
    return [words.format(**filling) for words in DIGEST[language]]


def _digest_line(content: Content, city: City, language: str) -> str:
    complaint = content.complaint
    if complaint is None:
        return content.delivery.subject
    return " · ".join(part for part in (line_of(complaint.source_id), *_summary(complaint, city, language)) if part)


def _summary(complaint: Complaint, city: City, language: str) -> tuple[str, str, str]:
    """Category, place and deadline, in the words of a subject line."""
    due = due_in(city, complaint, language)
    due_words = DUE[language].format(due=due) if due else ""
    return category_in(city, complaint.category, language), place_in(city, complaint), due_words


def _digest_plain(opening: str, lines: Sequence[tuple[str, str | None]], foot: str) -> str:
    items = [f"{number}. {line}" + (f"\n   {link}" if link else "") for number, (line, link) in enumerate(lines, 1)]
    return "\n".join((opening, "", *items, "", foot))


def _digest_html(opening: str, lines: Sequence[tuple[str, str | None]], foot: str) -> str:
    items = "".join(f"<li>{_linked(line, link)}</li>" for line, link in lines)
    return f"<p>{escape(opening)}</p><ol>{items}</ol><p><small>{escape(foot)}</small></p>"


def _linked(line: str, link: str | None) -> str:
    return f'<a href="{escape(link)}">{escape(line)}</a>' if link else escape(line)
