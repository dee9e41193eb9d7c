"""E-mails about complaints and alarms: subject, plain text and simple HTML, the city's own language first.

- `agency_letter`: to an agency, office or supervisor, about one complaint or alarm.
- `digest_letter`: to an agency, several complaints that are new to it, one line and one link each.
- `report_letter`: a report as a PDF, in the language of the report.
- `citizen_letter`: what became of the citizen's own report; nothing of the report's own text, for mail is read on the
  way.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from liveroom.city.city import City
from liveroom.courier.content import (
    SAID_TO_CITIZENS,
    Content,
    category_in,
    class_in,
    due_in,
    moment_in,
    place_in,
)
from liveroom.courier.http import line_of
from liveroom.domain import timestamps
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events.room_payloads import ReportMade
from liveroom.domain.notifications import RecipientKind
from liveroom.runtime.language import text, written_day

# The lines of a letter, in their order.
FIELDS = (
    "number", "category", "class", "place", "address", "point", "received", "due", "description", "said", "pictures",
    "alarm",
)  # fmt: skip
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
    languages = city.languages
    parts = [_part(content, city, language) for language in languages]
    return Letter(
        subject=_subject(content, city, languages[0]),
        plain="\n\n--\n\n".join(_plain(*part) for part in parts) + "\n",
        html=f'<html lang="{languages[0]}"><body>{"<hr>".join(_html(*part) for part in parts)}</body></html>\n',
    )


def _part(content: Content, city: City, language: str) -> tuple[str, Fields, str | None, str, str]:
    opening = text(f"letter.sentence.{_cause(content)}", language, **_filling(content, city, language))
    link = content.link if content.delivery.recipient_kind == RecipientKind.AGENCY else None
    foot = text("letter.foot", language, room=city.room_name, id=content.delivery.id)
    return opening, tuple(_fields(content, city, language)), link, text("letter.link", language), foot


def _cause(content: Content) -> str:
    """The event as keys of texts name it: ``forwarded``."""
    return content.event.event.kind.value.partition(".")[2]


def _filling(content: Content, city: City, language: str) -> dict[str, Any]:
    payload = content.event.event.fields
    answer_by = timestamps.read_or_none(payload.get("answer_by"))
    return {
        "agency": _agency_name(content, city, language),
        "percent": str(payload.get("percent", "")),
        "until": "" if answer_by is None else moment_in(city, answer_by, language),
    }


def _agency_name(content: Content, city: City, language: str) -> str:
    agency = city.agencies.get(content.delivery.key)
    return content.delivery.key if agency is None else agency.name_in(language)


def _subject(content: Content, city: City, language: str) -> str:
    opening = text(f"letter.subject.{_cause(content)}", language, **_filling(content, city, language))
    parts = [opening, content.number]
    if content.complaint is not None:
        parts += _summary(content.complaint, city, language)
    elif content.alarm is not None:
        parts += [_alarm(content, language)]
    return " · ".join(line_of(part) for part in parts if part)


def _fields(content: Content, city: City, language: str) -> Iterator[tuple[str, str]]:
    """Label and value of every field that has one, in the order of FIELDS."""
    values = {"alarm": _alarm(content, language), **_codes(content, city, language)}
    values |= {key: content.texts.get(key, "") for key in ("address", "description")}
    values |= {"said": content.said or "", "pictures": "\n".join(content.pictures)}
    yield from ((text(f"letter.field.{key}", language), values[key]) for key in FIELDS if values.get(key))


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
    name, about = (
        text(f"record.{content.alarm.kind}.name", language),
        content.alarm.source or content.alarm.agency or "",
    )
    return f"P{content.alarm.priority} {name} {about}".strip()


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
    languages = city.languages
    said = content.said if content.event.event.kind in SAID_TO_CITIZENS else None
    parts = [
        (_sentence(content, language), text("mail.link", language), text("mail.foot", language))
        for language in languages
    ]
    title = text(f"mail.subject.{_cause(content)}", languages[0])
    whole = "<hr>".join(_citizen_html(content, said, part) for part in parts)
    return Letter(
        subject=" · ".join(part for part in (line_of(content.number), title) if part),
        plain="\n\n--\n\n".join(_citizen_plain(content, said, part) for part in parts) + "\n",
        html=f'<html lang="{languages[0]}"><body>{whole}</body></html>\n',
    )


def citizen_sentence(content: Content, language: str) -> str:
    """What happened, for an event that citizens are told of."""
    return text(f"mail.sentence.{_cause(content)}", language)


def _sentence(content: Content, language: str) -> str:
    sentence = citizen_sentence(content, language)
    return f"{sentence} {text('mail.joined', language)}" if content.joined else sentence


def _citizen_plain(content: Content, said: str | None, part: tuple[str, ...]) -> str:
    sentence, call, foot = part
    lines = [f"{content.number}: {sentence}", *(("", said) if said else ())]
    return "\n".join((*lines, *(("", f"{call}:", content.link, foot) if content.link else ())))


def _citizen_html(content: Content, said: str | None, part: tuple[str, ...]) -> str:
    sentence, call, foot = part
    words = f"<blockquote>{escape(said).replace(chr(10), '<br>')}</blockquote>" if said else ""
    act = f'<p><a href="{escape(content.link)}">{escape(call)}</a></p><p>{escape(foot)}</p>' if content.link else ""
    return f"<p><b>{escape(content.number)}</b>: {escape(sentence)}</p>{words}{act}"


# A report, to whom the schedule names.


def report_letter(content: Content, city: City) -> Letter:
    """The letter that brings a report: what it is, that it is late if it is, and the position of its figures."""
    made = content.event.event.payload
    assert isinstance(made, ReportMade)
    language = made.language
    first, last = (written_day(date.fromisoformat(day), language) for day in (made.first, made.last))
    of = city.name if made.agency is None else _agency_in(city, made.agency, language)
    days = first if made.first == made.last else f"{first} – {last}"
    opening = f"{text(f'printed.title.{made.report}', language, of=of)}, {days}"
    due = timestamps.read_or_none(made.due)
    late = text("printed.was_due", language, due=moment_in(city, due, language)) if made.late and due else ""
    foot = text(
        "printed.letter_foot", language, room=city.room_name, seq=made.position, fingerprint=made.fingerprint[:12]
    )
    lines = [opening, *((late,) if late else ()), "", text("printed.letter", language), "", foot]
    html = "".join(f"<p>{escape(line)}</p>" for line in lines if line)
    return Letter(
        subject=line_of(opening),
        plain="\n".join(lines) + "\n",
        html=f'<html lang="{language}"><body>{html}</body></html>\n',
    )


def _agency_in(city: City, key: str, language: str) -> str:
    agency = city.agencies.get(key)
    return key if agency is None else agency.name_in(language)


# To an agency about several complaints.


def digest_letter(content: Content, city: City) -> Letter:
    """The letter of these deliveries, the oldest first, each complaint as it is now."""
    languages = city.languages
    parts = [_digest_part(content, city, language) for language in languages]
    return Letter(
        subject=_digest_opening("subject", content, city, languages[0]),
        plain="\n\n--\n\n".join(_digest_plain(*part) for part in parts) + "\n",
        html=f'<html lang="{languages[0]}"><body>{"<hr>".join(_digest_html(*part) for part in parts)}</body></html>\n',
    )


def _digest_part(content: Content, city: City, language: str) -> DigestPart:
    lines = [(_digest_line(one, city, language), one.link) for one in (content, *content.also)]
    foot = text("letter.foot", language, room=city.room_name, id=content.delivery.digest)
    return _digest_opening("sentence", content, city, language), lines, foot


def _digest_opening(part: str, content: Content, city: City, language: str) -> str:
    n, agency = len(content.also) + 1, _agency_name(content, city, language)
    return text(f"letter.digest.{part}", language, n=n, agency=agency)


def _digest_line(content: Content, city: City, language: str) -> str:
    complaint = content.complaint
    if complaint is None:
        return content.delivery.subject
    return " · ".join(part for part in (line_of(complaint.source_id), *_summary(complaint, city, language)) if part)


def _summary(complaint: Complaint, city: City, language: str) -> tuple[str, str, str]:
    """Category, place and deadline, in the words of a subject line."""
    due = due_in(city, complaint, language)
    due_words = text("letter.due", language, due=due) if due else ""
    return category_in(city, complaint.category, language), place_in(city, complaint), due_words


def _digest_plain(opening: str, lines: Sequence[tuple[str, str | None]], foot: str) -> str:
    items = [f"{number}. {line}" + (f"\n   {link}" if link else "") for number, (line, link) in enumerate(lines, 1)]
    return "\n".join((opening, "", *items, "", foot))


def _digest_html(opening: str, lines: Sequence[tuple[str, str | None]], foot: str) -> str:
    items = "".join(f"<li>{_linked(line, link)}</li>" for line, link in lines)
    return f"<p>{escape(opening)}</p><ol>{items}</ol><p><small>{escape(foot)}</small></p>"


def _linked(line: str, link: str | None) -> str:
    return f'<a href="{escape(link)}">{escape(line)}</a>' if link else escape(line)
