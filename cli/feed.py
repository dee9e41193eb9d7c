"""`feed check URL`: asks any server of the feed as a client would and as none should, and says what it breaks."""

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import click

from cli.context import handle_errors, opened, settings, settings_name
from cli.feed_check.checklist import CHECKS, Flaw, Seen, Unseen, Verdicts
from cli.feed_check.course import Course
from cli.feed_check.wire import CannotConnect, address_of, plain
from liveroom.domain.timestamps import age_of
from liveroom.projection.followed import cities
from liveroom.runtime.config import followed_rooms
from liveroom.runtime.language import COMMAND_LINE, catalogue, text

BROKEN, UNREACHABLE = 1, 2
LONGEST_S = 3600
# Figures of a followed city that are older are lost on the wall.
LOST_S = 15
LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")
LANGUAGE = "language"
# The types of fields that have a name; others are named by their values.
KINDS = ("date", "flag", "id", "list", "number", "object", "text", "texts", "time", "whole", "word")


def _choose_language(context: click.Context, _option: click.Parameter, wanted: str) -> None:
    """Keep the wanted language, else the terminal's, where there is a catalogue for it, else the command line's own."""
    spoken = wanted or next((os.environ[name] for name in LOCALES if os.environ.get(name)), "")
    code = re.split(r"[-_.]", spoken.lower())[0]
    context.meta[LANGUAGE] = code if code in catalogue().languages else COMMAND_LINE


@click.group()
def feed() -> None:
    """The live feed, ours or anybody's that speaks it."""


@feed.command("check")
@click.argument("url")
@click.option(
    "--token", envvar="LIVEROOM_FEED_TOKEN", default="", help="Of a screen or a person; or LIVEROOM_FEED_TOKEN."
)
@click.option("--audience", default="wall", help="Whose feed to ask for: wall, visit, lead, desk or agency:KEY.")
@click.option("--seconds", type=click.IntRange(1, LONGEST_S), default=30, help="How long to follow batches and beats.")
@click.option("--post", default="", metavar="KEY", help="A source's key: send one complaint, marked as practice.")
@click.option("--json", "as_json", is_flag=True, help="The answer for machines.")
@click.option(
    "--lang", default="", callback=_choose_language, expose_value=False, help="Of the answer; else the terminal's."
)
def check(url: str, token: str, audience: str, seconds: int, post: str, as_json: bool) -> None:
    """Check the server at URL against docs/feed.md; exit 1 if something breaks, 2 without a connection.

    Writes nothing to the room unless --post gives it a key.
    """
    language: str = click.get_current_context().meta[LANGUAGE]
    try:
        course = Course(address_of(url), audience=audience, token=token, seconds=seconds, post=post)
        course.run()
    except CannotConnect as error:
        why = text(f"feed_check.seen.{error.key}", language, **error.values)
        if as_json:
            click.echo(json.dumps({"url": url, "result": "unreachable", "why": why}))
        else:
            click.echo(text("feed_check.unreachable", language, url=plain(url), why=why), err=True)
        raise SystemExit(UNREACHABLE) from None
    if as_json:
        click.echo(json.dumps(_document(url, course, language), indent=2))
    else:
        for line in lines(url, course, language):
            click.echo(line)
    if course.verdicts.breaks:
        raise SystemExit(BROKEN)


@feed.command("cities")
def list_cities() -> None:
    """The rooms that this one follows: name, age of its figures, and why it is not heard; exit 1 if one is not."""
    with handle_errors():
        rooms = followed_rooms(settings().sources, settings_name())
        states = opened(drill=False).room.log.read(cities)
    silent = False
    for room in rooms:
        state = states.get(room.name)
        age = None if state is None else state.age_s
        fault = "never heard" if state is None else state.fault or ("old" if age is None or age > LOST_S else "ok")
        silent = silent or fault != "ok"
        more = state.more if state is not None and state.more else "-"
        click.echo("\t".join((room.name, "-" if age is None else age_of(round(age)), fault, more)))
    if silent:
        raise SystemExit(BROKEN)


def _says(id_: str, language: str) -> str:
    return text(f"feed_check.says.{id_.replace('.', '_')}", language)


def _told(seen: Seen, language: str) -> str:
    values: dict[str, Any] = dict(seen.values)
    if values.get("wanted") in KINDS:
        values["wanted"] = text(f"feed_check.kind.{values['wanted']}", language)
    return text(f"feed_check.seen.{seen.key}", language, **values)


def _document(url: str, course: Course, language: str) -> dict[str, Any]:
    """The answer for machines; ids and severities are the same in every language."""
    verdicts = course.verdicts
    return {
        "url": url,
        "audience": course.audience,
        "result": "breaks" if verdicts.breaks else "ok",
        "seen": _figures(course),
        "findings": [_finding(flaw, language) for flaw in verdicts.flaws],
        "passed": verdicts.passed,
        "unjudged": [
            {"id": id_, "why": str(why), "text": text(f"feed_check.unseen.{why}", language)}
            for id_, why in verdicts.unjudged()
        ],
    }


def _figures(course: Course) -> dict[str, Any]:
    mirror = course.mirror
    held = {"cards": len(mirror.cards), "alarms": len(mirror.alarms), "seq": max(mirror.seq, 0)}
    return {**held, "batches": course.batches, "beats": course.beats}


def _finding(flaw: Flaw, language: str) -> dict[str, Any]:
    return {
        "id": flaw.id,
        "severity": str(flaw.severity),
        "count": flaw.count,
        "seen": [_told(one, language) for one in flaw.examples],
        "says": _says(flaw.id, language),
        "section": f"docs/feed.md, {CHECKS[flaw.id].section}",
    }


def lines(url: str, course: Course, language: str) -> Iterator[str]:
    """The answer for people."""
    verdicts = course.verdicts
    yield text("feed_check.head", language, url=plain(url), audience=plain(course.audience), **_figures(course))
    for flaw in verdicts.flaws:
        one = _finding(flaw, language)
        times = text("feed_check.times", language, n=flaw.count)
        yield f"{text(f'feed_check.severity.{flaw.severity}', language)}  {flaw.id}  ({one['section']}; {times})"
        yield f"    {one['says']}"
        yield from (f"    - {seen}" for seen in one["seen"])
    yield text("feed_check.passed", language, n=len(verdicts.passed), ids=", ".join(verdicts.passed))
    yield from _unjudged_lines(verdicts, language)
    yield text("feed_check.ends_broken" if verdicts.breaks else "feed_check.ends_well", language)


def _unjudged_lines(verdicts: Verdicts, language: str) -> Iterator[str]:
    """A line for each reason."""
    reasons: dict[Unseen, list[str]] = {}
    for id_, why in verdicts.unjudged():
        reasons.setdefault(why, []).append(id_)
    for why, ids in reasons.items():
        because = text(f"feed_check.unseen.{why}", language)
        yield text("feed_check.unjudged", language, n=len(ids), why=because, ids=", ".join(ids))
