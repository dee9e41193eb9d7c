"""The letter that tells an agency of several complaints that are new to it: one line each, with its link."""

from collections.abc import Mapping, Sequence
from html import escape

from liveroom.city.city import City
from liveroom.courier import naming
from liveroom.courier.content import Content
from liveroom.courier.letter import Letter
from liveroom.courier.letter_words import DIGEST, DUE, FOOT
from liveroom.courier.outcome import line_of

Part = tuple[str, list[tuple[str, str | None]], str]


def digest_of(content: Content, city: City) -> Letter:
    """The letter of these deliveries, each complaint as it is now, the oldest first."""
    languages = naming.languages_of(city)
    parts = [_part(content, city, language) for language in languages]
    subject, _opening = _opening_of(content, city, languages[0])
    return Letter(
        subject=subject,
        plain="\n\n--\n\n".join(_plain(*part) for part in parts) + "\n",
        html=f'<html lang="{languages[0]}"><body>{"<hr>".join(_html(*part) for part in parts)}</body></html>\n',
    )


def _part(content: Content, city: City, language: str) -> Part:
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
    due = naming.due_in(city, complaint, language)
    parts = [line_of(complaint.source_id), naming.category_in(city, complaint.category, language)]
    parts += [naming.place_in(city, complaint), DUE[language].format(due=due) if due else ""]
    return " · ".join(part for part in parts if part)


def _plain(opening: str, lines: Sequence[tuple[str, str | None]], foot: str) -> str:
    told = [f"{number}. {line}" + (f"\n   {link}" if link else "") for number, (line, link) in enumerate(lines, 1)]
    return "\n".join((opening, "", *told, "", foot))


def _html(opening: str, lines: Sequence[tuple[str, str | None]], foot: str) -> str:
    told = "".join(f"<li>{_linked(line, link)}</li>" for line, link in lines)
    return f"<p>{escape(opening)}</p><ol>{told}</ol><p><small>{escape(foot)}</small></p>"


def _linked(line: str, link: str | None) -> str:
    return f'<a href="{escape(link)}">{escape(line)}</a>' if link else escape(line)
