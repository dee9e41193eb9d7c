"""The letter that tells of a complaint: subject, plain text and simple HTML, the city's own language first."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from liveroom.city.city import City
from liveroom.courier import naming
from liveroom.courier.content import Content
from liveroom.courier.letter_words import DUE, FIELDS, FOOT, OPENING
from liveroom.courier.outcome import line_of
from liveroom.domain import timestamps
from liveroom.domain.alarms.records import RECORDS
from liveroom.domain.notifications import Whom

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One subject line, the same text twice."""

    subject: str
    plain: str
    html: str


def letter_of(content: Content, city: City) -> Letter:
    """The letter of a delivery, as the complaint is now."""
    languages = naming.languages_of(city)
    parts = [_part(content, city, language) for language in languages]
    return Letter(
        subject=_subject(content, city, languages[0]),
        plain="\n\n--\n\n".join(_plain(*part) for part in parts) + "\n",
        html=f'<html lang="{languages[0]}"><body>{"<hr>".join(_html(*part) for part in parts)}</body></html>\n',
    )


def _part(content: Content, city: City, language: str) -> tuple[str, Fields, str | None, str, str]:
    opening = OPENING[language].get(content.event.event.kind, ("", ""))[1].format(**_filling(content, city, language))
    link = content.link if content.delivery.whom == Whom.AGENCY else None
    foot = FOOT[language].format(room=city.room_name, id=content.delivery.id)
    return opening, tuple(_fields(content, city, language)), link, FIELDS[language]["link"], foot


def _filling(content: Content, city: City, language: str) -> dict[str, str]:
    agency = city.agencies.get(content.delivery.key)
    named = None if agency is None else agency.name_en if language == "en" else agency.name
    payload = content.event.event.payload
    asked = timestamps.read_or_none(payload.get("answer_by"))
    until = "" if asked is None else naming.moment_in(city, asked, language)
    return {"agency": named or content.delivery.key, "percent": str(payload.get("percent", "")), "until": until}


def _subject(content: Content, city: City, language: str) -> str:
    opening = OPENING[language].get(content.event.event.kind, ("", ""))[0].format(**_filling(content, city, language))
    parts = [opening, content.number]
    if content.complaint is not None:
        due = naming.due_in(city, content.complaint, language)
        parts += [naming.category_in(city, content.complaint.category, language)]
        parts += [naming.place_in(city, content.complaint), DUE[language].format(due=due) if due else ""]
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
        "category": naming.category_in(city, complaint.category, language),
        "class": naming.class_in(city, complaint.class_, language),
        "place": naming.place_in(city, complaint),
        "point": point,
        "received": naming.moment_in(city, complaint.received_at, language),
        "due": naming.due_in(city, complaint, language),
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
