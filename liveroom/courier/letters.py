"""The e-mails."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from liveroom.city.city import City
from liveroom.courier import content as delivery_content
from liveroom.courier.content import Content
from liveroom.courier.http import line_of
from liveroom.domain import timestamps
from liveroom.domain.alarms.records import RECORDS
from liveroom.domain.events import Kind
from liveroom.domain.notifications import RecipientKind

# The words of letters, in Indonesian and in English.

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


# The letter that tells of a complaint: subject, plain text and simple HTML, the city's own language first.

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One subject line, the same text twice."""

    subject: str
    plain: str
    html: str


def letter_of(content: Content, city: City) -> Letter:
    """The letter of a delivery, as the complaint is now."""
    languages = delivery_content.languages_of(city)
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
    agency = city.agencies.get(content.delivery.key)
    named = None if agency is None else agency.name_en if language == "en" else agency.name
    payload = content.event.event.payload
    asked = timestamps.read_or_none(payload.get("answer_by"))
    until = "" if asked is None else delivery_content.moment_in(city, asked, language)
    return {"agency": named or content.delivery.key, "percent": str(payload.get("percent", "")), "until": until}


def _subject(content: Content, city: City, language: str) -> str:
    opening = OPENING[language].get(content.event.event.kind, ("", ""))[0].format(**_filling(content, city, language))
    parts = [opening, content.number]
    if content.complaint is not None:
        due = delivery_content.due_in(city, content.complaint, language)
        parts += [delivery_content.category_in(city, content.complaint.category, language)]
        parts += [delivery_content.place_in(city, content.complaint), DUE[language].format(due=due) if due else ""]
    elif content.alarm is not None:
        parts += [_alarm(content, language)]
    return " · ".join(line_of(part) for part in parts if part)


def _fields(content: Content, city: City, language: str) -> Iterator[tuple[str, str]]:
    """Label and value of all there is to say."""
    names = FIELDS[language]
    told = {"alarm": _alarm(content, language), **_codes(content, city, language)}
    told |= {key: content.texts.get(key, "") for key in ("address", "description")}
    told |= {"said": content.said or "", "pictures": "\n".join(content.pictures)}
    yield from ((names[key], told[key]) for key in names if told.get(key))


def _codes(content: Content, city: City, language: str) -> dict[str, str]:
    complaint = content.complaint
    if complaint is None:
        return {}
    point = "" if complaint.lat is None else f"{complaint.lat:.5f}, {complaint.lon:.5f}"
    return {
        "number": line_of(complaint.source_id),
        "category": delivery_content.category_in(city, complaint.category, language),
        "class": delivery_content.class_in(city, complaint.class_, language),
        "place": delivery_content.place_in(city, complaint),
        "point": point,
        "received": delivery_content.moment_in(city, complaint.received_at, language),
        "due": delivery_content.due_in(city, complaint, language),
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


# The letter that tells a citizen what became of the own report: one sentence, what was said to them, the link.

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
CITIZEN_FOOT: Mapping[str, tuple[str, str]] = {
    "id": ("Lihat laporan Anda", "Tautan ini pribadi: siapa pun yang memilikinya dapat membuka laporan ini."),
    "en": ("See your report", "This link is private: whoever has it can open this report."),
}


def citizen_letter(content: Content, city: City) -> Letter:
    """The letter of a delivery; nothing of the report's own text is in it, for mail is read on the way."""
    languages = delivery_content.languages_of(city)
    said = content.said if content.event.event.kind in SAID else None
    parts = [(_sentence(content, language), *CITIZEN_FOOT[language]) for language in languages]
    title = told_of(content, languages[0])[0]
    whole = "<hr>".join(_citizen_html(content, said, part) for part in parts)
    return Letter(
        subject=" · ".join(part for part in (line_of(content.number), title) if part),
        plain="\n\n--\n\n".join(_citizen_plain(content, said, part) for part in parts) + "\n",
        html=f'<html lang="{languages[0]}"><body>{whole}</body></html>\n',
    )


def told_of(content: Content, language: str) -> tuple[str, str]:
    """The subject and the sentence of what happened; empty for what citizens are not told."""
    title, sentence = TOLD[language].get(content.event.event.kind, ("", ""))
    return title, sentence


def _sentence(content: Content, language: str) -> str:
    sentence = told_of(content, language)[1]
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


# The letter that tells an agency of several complaints that are new to it: one line each, with its link.

Part = tuple[str, list[tuple[str, str | None]], str]


def digest_of(content: Content, city: City) -> Letter:
    """The letter of these deliveries, each complaint as it is now, the oldest first."""
    languages = delivery_content.languages_of(city)
    parts = [_digest_part(content, city, language) for language in languages]
    subject, _opening = _opening_of(content, city, languages[0])
    return Letter(
        subject=subject,
        plain="\n\n--\n\n".join(_digest_plain(*part) for part in parts) + "\n",
        html=f'<html lang="{languages[0]}"><body>{"<hr>".join(_digest_html(*part) for part in parts)}</body></html>\n',
    )


def _digest_part(content: Content, city: City, language: str) -> Part:
    lines = [(_line(one, city, language), one.link) for one in (content, *content.also)]
    foot = FOOT[language].format(room=city.room_name, id=content.delivery.digest)
    return _opening_of(content, city, language)[1], lines, foot


def _opening_of(content: Content, city: City, language: str) -> Sequence[str]:
    agency = city.agencies.get(content.delivery.key)
    named = None if agency is None else agency.name_en if language == "en" else agency.name
    filling: Mapping[str, object] = {"n": len(content.also) + 1, "agency": named or content.delivery.key}
    return [words.format(**filling) for words in DIGEST[language]]


def _line(content: Content, city: City, language: str) -> str:
    complaint = content.complaint
    if complaint is None:
        return content.delivery.subject
    due = delivery_content.due_in(city, complaint, language)
    parts = [line_of(complaint.source_id), delivery_content.category_in(city, complaint.category, language)]
    parts += [delivery_content.place_in(city, complaint), DUE[language].format(due=due) if due else ""]
    return " · ".join(part for part in parts if part)


def _digest_plain(opening: str, lines: Sequence[tuple[str, str | None]], foot: str) -> str:
    told = [f"{number}. {line}" + (f"\n   {link}" if link else "") for number, (line, link) in enumerate(lines, 1)]
    return "\n".join((opening, "", *told, "", foot))


def _digest_html(opening: str, lines: Sequence[tuple[str, str | None]], foot: str) -> str:
    told = "".join(f"<li>{_linked(line, link)}</li>" for line, link in lines)
    return f"<p>{escape(opening)}</p><ol>{told}</ol><p><small>{escape(foot)}</small></p>"


def _linked(line: str, link: str | None) -> str:
    return f'<a href="{escape(link)}">{escape(line)}</a>' if link else escape(line)
