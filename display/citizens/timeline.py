"""A report's history as its citizen may read it: what happened in plain words; of texts only those meant for them."""

from collections.abc import Mapping
from dataclasses import dataclass

from display.citizens.joined import Followed
from display.citizens.words import STEPS
from liveroom.city.city import City
from liveroom.courier.content import moment_in
from liveroom.domain.events import Kind, Logged
from liveroom.domain.timestamps import read
from liveroom.projection.complaints import Detail
from liveroom.room.commands.citizens import ACTOR

# Whoever wrote them, these are for the citizen; the citizen's own words come back too. All else stays among ourselves.
FOR_CITIZENS: Mapping[str, str] = {Kind.REPLIED: "text", Kind.ASKED: "text"}
OWN: Mapping[str, str] = {Kind.ANSWERED: "text", Kind.REOPENED: "reason", Kind.RATED: "text"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """``words`` of what happened, ``at`` in the city's time, what was ``said``, and whether by the citizen."""

    kind: str
    at: str
    words: str
    said: str | None
    mine: bool


def steps(found: Followed, city: City, language: str) -> list[Step]:
    """Newest first; that it ended with the one it is part of is said by that one's own end."""
    own = [(logged, found.own) for logged in found.own.history if not logged.event.payload.get("with")]
    told = sorted((*own, *found.shared), key=lambda pair: pair[0].seq, reverse=True)
    each = (_step(logged, of, city, language, own=of is found.own) for logged, of in told)
    return [step for step in each if step is not None]


def _step(logged: Logged, found: Detail, city: City, language: str, *, own: bool) -> Step | None:
    event = logged.event
    words = STEPS[language].get(event.kind)
    if words is None or not event.payload.get("lead", True):
        return None
    mine = own and logged.actor == ACTOR
    key = FOR_CITIZENS.get(event.kind) or (OWN.get(event.kind) if mine else None)
    _, said = found.papers.texts.get(str(event.payload.get(key)), ("", None)) if key else ("", None)
    filling = {"who": _who(logged, city, language), "until": _until(logged, city, language)}
    return Step(
        kind=event.kind.value.partition(".")[2],
        at=moment_in(city, event.at, language),
        words=words.format(**filling, score=event.payload.get("score", "")),
        said=said,
        mine=mine,
    )


def _who(logged: Logged, city: City, language: str) -> str:
    payload = logged.event.payload
    key = str(payload.get("agency") or payload.get("outside") or "")
    agency = city.agencies.get(key) or city.outside.get(key)
    if agency is None:
        return "the agency" if language == "en" else "dinas terkait"
    return (agency.name_en or agency.name) if language == "en" else agency.name


def _until(logged: Logged, city: City, language: str) -> str:
    until = logged.event.payload.get("until")
    return moment_in(city, read(until), language) if isinstance(until, str) else ""
