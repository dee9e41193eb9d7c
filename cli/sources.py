"""`source`: which apps and channels feed the room, how each does, what it would become, and what of it was refused.

A key or secret is printed once, as the last word.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from cli.accounts import name_of
from cli.context import configured_sources, drill_option, handle_errors, opened, settings, settings_name
from liveroom.accounts import quarantine
from liveroom.accounts.arrivals import SourceHealth, health_of_all, position_of
from liveroom.accounts.links import key_of
from liveroom.accounts.quarantine import Decided, QuarantineEntry, QuarantineState
from liveroom.accounts.sources import (
    NameTaken,
    NoSource,
    RegisteredSource,
    SourceKey,
    set_webhook,
    state_after,
)
from liveroom.city.city import City
from liveroom.city.sheet import is_address
from liveroom.domain.hazards.cap_alert import CapAlert, MessageType
from liveroom.domain.requests import COMMAND_LINE, Malformed, Role, Unknown
from liveroom.domain.timestamps import age_of, seconds_of, span_of, to_text
from liveroom.room.bootstrap import OpenRoom
from liveroom.room.clock import pause_source, revoke_source
from liveroom.runtime.errors import ConfigError, Fault

if TYPE_CHECKING:
    from ingest.hooks.mapping import PayloadMapping
    from ingest.pull import Item
    from liveroom.room.commands.sources import QuarantineActs


@click.group()
def source() -> None:
    """Apps and channels that feed the room."""


@source.command("add")
@click.argument("name")
@click.option("--every", default="", metavar="5m", help="How often it is heard at least: 30s, 5m, 2h.")
@click.option("--webhook", default="", metavar="URL", help="Where it is told what became of its complaints.")
@drill_option
def add_source(name: str, every: str, webhook: str, drill: bool) -> None:
    """Register a source; prints its bearer key as the last word, and before it the secret that signs its webhook."""
    with handle_errors():
        if webhook and not is_address(webhook):
            raise ValueError("--webhook: must be an address like https://app.example/status")
        room = opened(drill=drill)
        try:
            key = room.sources.add(name_of(name), _every_s(every) if every else None)
        except NameTaken as error:
            raise ValueError(f"NAME: there is a source {name!r} already") from error
        if webhook:
            secret = set_webhook(room.room.log, room.sources.ensure(name_of(name), None), webhook)
            click.echo(f"what {name} is told at {webhook} is signed with {secret}")
    click.echo(f"{name} may post with the bearer key {key}")


@source.command("list")
@drill_option
def list_sources(drill: bool) -> None:
    """Every source: id, name, since when, its rhythm, when it was last heard, and its keys by their age; no key."""
    with handle_errors():
        for one in opened(drill=drill).sources.all():
            click.echo("\t".join((one.source.id, one.source.name, *_source_columns(one))))


@source.command("show")
@click.argument("name")
@drill_option
def show_source(name: str, drill: bool) -> None:
    """How a source does: state, last heard, rate, lag, rejects with their reasons, keys and expected interval."""
    with handle_errors(), _unknown_source():
        room = opened(drill=drill)
        one = _registered(room, name)
        id_ = one.source.id
        health = room.room.log.read(lambda c: health_of_all(c, (id_,)))[id_]
        refused = room.room.log.read(
            lambda c: quarantine.entries(c, source=id_, state=QuarantineState.OPEN, cursor=None, limit=20)
        )
    since, every, heard, keys = _source_columns(one)
    click.echo(f"{one.source.name}\t{id_}")
    click.echo(f"state\t{_state_words(one)}, a source {since}")
    click.echo(f"heard\t{heard}")
    click.echo(f"expected\t{_expected_words(every, health)}")
    click.echo(f"rate\t{health.per_hour} an hour, {sum(health.hours)} in 24 hours")
    click.echo(f"lag\t{'-' if health.lag_s is None else age_of(round(health.lag_s))} (median)")
    click.echo(f"rejected\t{health.rejected} in 24 hours, {health.open} in quarantine")
    if health.unsigned:
        click.echo(f"unsigned\t{health.unsigned} requests to its hook in 24 hours did not prove to come from it")
    if health.empty:
        click.echo(f"empty\t{health.empty} payloads of its hook in 24 hours held nothing that could be a report")
    for entry in refused:
        click.echo(f"  {_entry_words(entry)}")
    click.echo(f"keys\t{keys}")
    for line in _run_words(health):
        click.echo(line)


@source.command("expect")
@click.argument("name")
@click.argument("every", metavar="5m|learned|none")
@drill_option
def expect_source(name: str, every: str, drill: bool) -> None:
    """Say how often a source is heard at least: its silence is then an alarm. `learned` takes what `show` says."""
    with handle_errors(), _unknown_source():
        room = opened(drill=drill)
        one = _registered(room, name).source
        if one.name in {asked.name for asked in configured_sources()}:
            raise ValueError("NAME: `sources` of the settings says how often it is asked: change `every` there")
        id_ = one.id
        if every == "learned":
            seconds = room.room.log.read(lambda c: health_of_all(c, (id_,)))[id_].learned_s
            if seconds is None:
                raise ValueError("EVERY: too little has come of it to learn from; say it, such as 15m")
        else:
            seconds = None if every == "none" else _every_s(every, "EVERY")
        room.sources.expect(id_, seconds)
    click.echo(f"{name} is expected {'at no time' if seconds is None else f'every {span_of(seconds)}'}")


@source.command("rotate")
@click.argument("name")
@click.option("--now", is_flag=True, help="End every older key at once, such as one that leaked.")
@drill_option
def rotate_source(name: str, now: bool, drill: bool) -> None:
    """Give a source a new key, printed as the last word; the one it replaces lives 24 hours more."""
    with handle_errors(), _unknown_source():
        key, ends_at = opened(drill=drill).sources.rotate(name_of(name), now=now)
    if ends_at is not None:
        click.echo(f"the key before it is good until {_moment(ends_at)} UTC; --now would have ended it")
    click.echo(f"{name} may post with the bearer key {key}")


@source.command("revoke")
@click.argument("name")
@drill_option
def revoke_source_(name: str, drill: bool) -> None:
    """End every key of a source, from its next request on; its complaints stay."""
    with handle_errors(), _unknown_source():
        revoke_source(opened(drill=drill).room, name_of(name), actor=COMMAND_LINE)
    click.echo(f"{name} may post no longer")


@source.command("pause")
@click.argument("name")
@drill_option
def pause(name: str, drill: bool) -> None:
    """Take nothing from a source until it is resumed; it is answered 503, and its silence is no alarm."""
    with handle_errors(), _unknown_source():
        pause_source(opened(drill=drill).room, name_of(name), paused=True, actor=COMMAND_LINE)
    click.echo(f"nothing is taken from {name}")


@source.command("resume")
@click.argument("name")
@drill_option
def resume(name: str, drill: bool) -> None:
    """Take up a paused source again; one that this room asks goes on where it stopped."""
    with handle_errors(), _unknown_source():
        pause_source(opened(drill=drill).room, name_of(name), paused=False, actor=COMMAND_LINE)
    click.echo(f"what {name} sends is taken again")


# `source try`.

_SHOWN = 5


@source.command("try")
@click.argument("name")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@drill_option
def try_source(name: str, file: Path | None, drill: bool) -> None:
    """Show field by field what FILE (CSV, JSON or JSON lines) would become as NAME's, or what NAME has next.

    NAME may be a hook, or a mapping of the city's pack: FILE is then a payload. FILE may also be a document of warnings
    (.xml, .cap), which makes no complaint. Nothing is written. Exit 1 if anything of it would be refused.
    """
    with handle_errors():
        room = opened(drill=drill)
        warning = file is not None and file.suffix in (".xml", ".cap")
        mapping = None if file is None or warning else _mapping_of(room, name)
        tries: Iterator[_Try]
        if file is not None and warning:
            tries = iter([_warning_in(file)])
        elif file is None:
            tries = map(_try_of, _next_items(room, name))
        elif mapping is None:
            tries = map(_try_of, _file_items(name, file, room.room.city))
        else:
            tries = _payload_items(mapping, file)
        codes = next((one.own_codes() for one in configured_sources() if one.name == name), ())
        refused = [_show_try(number, one, room, codes) for number, one in enumerate(tries, 1)]
    if file is None and not refused:
        click.echo("nothing has come that was not read already")
    if any(refused):
        raise SystemExit(1)


@source.command("hear")
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@drill_option
def hear_warning(name: str, file: Path, drill: bool) -> None:
    """Hear the warning in FILE, a document of CAP, as NAME's: what somebody was mailed, or an exercise for a drill.

    Refuses a FILE that is none (exit 1, the element at fault). One that the room knows changes nothing.
    """
    with handle_errors():
        one = _warning_in(file)
        for fault in one.faults:
            raise ValueError(f"FILE: {fault.field or 'the whole'}: {fault.message}")
        room = opened(drill=drill)
        id_ = room.sources.ensure(name, None)
        codes = next((mine.own_codes() for mine in configured_sources() if mine.name == name), ())
        (answer,) = room.room.hear_many([one.value], source=id_, own_codes=codes)
        room.sources.heard(id_)
        click.echo("heard" if answer.created else "known already")


@dataclass(frozen=True, slots=True)
class _Try:
    """One item to try: its JSON value, None where there is none, and what is wrong before it is read as a report."""

    value: Any
    faults: Sequence[Malformed]


def _try_of(item: "Item") -> _Try:
    return _Try(item.value, (item.fault,) if item.fault else ())


def _warning_in(file: Path) -> _Try:
    """The document of warnings that a file is."""
    from ingest.hazards.cap_document import read_alert

    try:
        return _Try(read_alert(file.read_bytes()), ())
    except Malformed as fault:
        return _Try(None, (fault,))


def _show_warning(alert: CapAlert, room: OpenRoom, codes: Sequence[str]) -> bool:
    """Show a document of warnings; False, for it would not be refused."""
    head = {"sender": alert.sender, "identifier": alert.identifier, "sent": to_text(alert.sent)}
    head |= {"status": alert.status.value, "msgType": alert.message.value, "scope": alert.scope.value}
    for name, said in head.items():
        click.echo(f"  {name}\t{said}")
    counts, now = alert.counts_in(room.room.kind), room.room.now()
    for info in alert.spoken(room.room.city.languages):
        ends = alert.ends(info, now)
        words = {"event": info.event, "headline": info.headline, "severity": info.severity.value}
        for name, said in {**words, "expires": to_text(ends)}.items():
            click.echo(f"  info.{name}\t{said}")
        place = room.room.city.footprint(info.areas, codes)
        shown = counts and ends > now and alert.message is not MessageType.CANCEL
        click.echo(f"  -> areas\t{', '.join(place.areas) if place else 'none of this city'}")
        click.echo(f"  -> shown\t{'yes' if shown and place else 'no'}")
    for one in alert.ended:
        click.echo(f"  -> ends\t{one.identifier}")
    return False


def _show_try(number: int, one: _Try, room: OpenRoom, codes: Sequence[str]) -> bool:
    """Show one item; whether it would be refused."""
    from liveroom.room.trial import try_value  # for cost: the other commands need no rule of the intake

    click.echo(f"{number}.")
    if isinstance(one.value, CapAlert):
        return _show_warning(one.value, room, codes)
    trial = None if one.value is None else try_value(one.value, room.room.city, room.room.now(), room.room.kind)
    for field, said in ({} if trial is None else trial.fields).items():
        click.echo(f"  {field}\t{said.replace(chr(10), chr(10) + chr(9))}")
    for what, key in ({} if trial is None else trial.becomes).items():
        click.echo(f"  -> {what}\t{key}")
    known = {fault.field for fault in one.faults}
    also = () if trial is None else (fault for fault in trial.faults if fault.field not in known)
    faults = (*one.faults, *also)
    for fault in faults:
        click.echo(f"  refused\t{fault.field or 'the whole'}: {fault.message}")
    return bool(faults)


def _mapping_of(room: OpenRoom, name: str) -> "PayloadMapping | None":
    """The mapping of the hook of this name or path, else that of this name in the city's pack; None without one."""
    from ingest.hooks.door import configured_hooks
    from ingest.hooks.mapping import FOLDER, load_mapping

    config, city = settings(), room.room.city
    hooks = configured_hooks(config, city, key_of(config), where=settings_name(), secrets=False) if config.hooks else ()
    mine = next((one.mapping for one in hooks if name in (one.name, one.path)), None)
    pack = Path(config.cities) / config.city
    if mine is not None or name not in {path.stem for path in (pack / FOLDER).glob("*.yaml")}:
        return mine
    faults: list[Fault] = []
    mine = load_mapping(pack, name, city, key_of(config), faults)
    if faults:
        raise ConfigError(faults)
    return mine


def _payload_items(mapping: "PayloadMapping", file: Path) -> Iterator[_Try]:
    """The items of a payload in a file. Raises ValueError where it is none."""
    # For cost: they bring Flask.
    from ingest.hooks.door import HOOK_BYTES
    from liveroom.runtime.http_input import BadJson, TooLarge, read_json

    raw = file.read_bytes()
    try:
        payload = mapping.read(read_json(raw, HOOK_BYTES), raw.decode("utf-8", "replace"))
    except (BadJson, TooLarge) as fault:
        raise ValueError(f"FILE: {fault}") from fault
    if payload.ignored:
        click.echo(f"{payload.ignored} of it no report, by `when`: acknowledged and ignored")
    return (_Try(dict(one.value) or None, one.faults) for one in payload.items)


def _file_items(name: str, file: Path, city: City) -> "Iterator[Item]":
    """The first items of a file, by the columns that the configured source of this name gives."""
    from ingest.pull import Item
    from ingest.sources.folder import item_of
    from liveroom.tables.file_kinds import open_rows
    from liveroom.tables.table_plan import TablePlan, TableReader
    from liveroom.tables.understood import settled, understand

    mine = next((one for one in configured_sources() if one.name == name), None)
    given = TablePlan(columns=getattr(mine, "map", {}))
    if file.suffix == ".json" and (whole := _whole_object(file)) is not None:
        return iter([Item(raw="", value=whole)])
    try:
        rows = open_rows(file)
        reader = TableReader(settled(understand(rows, city, given)), city)
    except Malformed as fault:
        raise ValueError(f"FILE: {fault.field}: {fault.message}") from fault
    return (item_of(row, reader) for row in islice(rows, _SHOWN))


def _whole_object(file: Path) -> Any:
    """The one report that a JSON file is; None where it is a table."""
    try:
        value = json.loads(file.read_text("utf-8-sig"))
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    inner = (one for one in value.values() if isinstance(one, list) and one)
    return None if any(isinstance(one[0], dict) for one in inner) else value


def _next_items(room: OpenRoom, name: str) -> "Iterator[Item]":
    """The next items of a configured source. Raises ValueError where it is none or cannot be read."""
    from ingest.pull import Misconfigured, TryLater

    mine = next((one for one in configured_sources() if one.name == name), None)
    if mine is None:
        raise ValueError(f"NAME: `sources` of the settings names no {name!r}; give a FILE with what it would send")
    known = next((one.source.id for one in room.sources.all() if one.source.name == name), None)
    position = None if known is None else room.room.log.read(lambda c: position_of(c, known))
    try:
        batch = mine.preview_in(position, room.room.city)
    except (Misconfigured, TryLater) as error:
        raise ValueError(f"{name}: {error}") from error
    return iter(() if batch is None else batch.items[:_SHOWN])


# `source quarantine`.


@source.group("quarantine")
def quarantined() -> None:
    """What was refused: it stands here whole for 30 days, and can be corrected and accepted, or dropped."""


@quarantined.command("list")
@click.argument("name", required=False)
@click.option("--state", type=click.Choice([one.value for one in QuarantineState]), default="open")
@drill_option
def list_quarantine(name: str | None, state: str, drill: bool) -> None:
    """List entries, the latest first: id, source, when, how often, field and reason; never what it holds."""
    with handle_errors(), _unknown_source():
        room = opened(drill=drill)
        id_ = None if name is None else _registered(room, name).source.id
        cursor: str | None = None
        while True:
            asked = partial(quarantine.entries, source=id_, state=QuarantineState(state), cursor=cursor, limit=200)
            found = room.room.log.read(asked)
            for entry in found:
                click.echo(_entry_words(entry))
            if not found:
                return
            cursor = found[-1].id


@quarantined.command("show")
@click.argument("id_", metavar="ID")
@drill_option
def show_quarantine(id_: str, drill: bool) -> None:
    """Show what one entry holds, every fault of it, and what came of it. That it was looked at is written down."""
    from liveroom.room.trial import try_value

    with handle_errors(), _unknown_entry():
        room, acts = _acts(drill)
        found = acts.look(id_)
        click.echo(_entry_words(found.entry))
        if found.entry.decided_by:
            click.echo(f"{found.entry.state} by {found.entry.decided_by}\t{found.entry.complaint or ''}")
        click.echo(found.raw)
        if found.cut:
            click.echo(f"({found.cut} bytes more were cut off)")
        if found.value is not None:
            click.echo(f"as JSON\t{found.value}")
        try:
            value = json.loads(found.draft)
        except ValueError:
            return
        for fault in try_value(value, room.room.city, room.room.now(), room.room.kind).faults:
            click.echo(f"refused\t{fault.field or 'the whole'}: {fault.message}")


@quarantined.command("accept")
@click.argument("id_", metavar="ID")
@click.option("--with", "file", type=click.File(encoding="utf-8"), help="The corrected JSON; - reads standard input.")
@click.option("--same", is_flag=True, help="Correct that field of all that failed by it for the same reason.")
@drill_option
def accept_quarantine(id_: str, file: TextIO | None, same: bool, drill: bool) -> None:
    """Accept an entry as its source's report, as it is or corrected; it counts as received now.

    With --same exit 1 if any of the others is still refused and stays.
    """
    with handle_errors(), _unknown_entry():
        if same and file is None:
            raise ValueError("--same: needs --with, the corrected JSON of ID")
        _, acts = _acts(drill)
        try:
            if same and file is not None:
                corrected = acts.accept_same(id_, file.read())
                click.echo(f"{corrected.accepted} accepted, {corrected.stay} stay")
                raise SystemExit(1 if corrected.stay else 0)
            answer = acts.accept(id_, None if file is None else file.read())
        except Malformed as fault:
            raise ValueError(f"{fault.field or 'the whole'}: {fault.message}") from fault
    click.echo(f"accepted as {answer.id}" if answer.created else f"{answer.id} was there already, and has it now")


@quarantined.command("drop")
@click.argument("id_", metavar="ID")
@drill_option
def drop_quarantine(id_: str, drill: bool) -> None:
    """Drop an entry; it can be seen until its 30 days are over."""
    with handle_errors(), _unknown_entry():
        _, acts = _acts(drill)
        acts.drop(id_)
    click.echo(f"{id_} is dropped")


def _acts(drill: bool) -> "tuple[OpenRoom, QuarantineActs]":
    from liveroom.room.commands.sources import QuarantineActs

    room = opened(drill=drill)
    return room, QuarantineActs(room=room.room, actor=COMMAND_LINE, role=Role.SYSTEM.value)


# Words.


@contextmanager
def _unknown_source() -> Iterator[None]:
    """Report an unknown name under the word of the call that holds it."""
    try:
        yield
    except NoSource as error:
        raise ValueError(f"NAME: {error}") from error


@contextmanager
def _unknown_entry() -> Iterator[None]:
    try:
        yield
    except Unknown as error:
        raise ValueError("ID: there is no such entry (`source quarantine list` shows all that are open)") from error
    except Decided as error:
        raise ValueError("ID: it was accepted or dropped already (`source quarantine show` says by whom)") from error


def _registered(room: OpenRoom, name: str) -> RegisteredSource:
    found = next((one for one in room.sources.all() if name in (one.source.name, one.source.id)), None)
    if found is None:
        raise NoSource(f"there is no source {name!r} (`source list` shows all)")
    return found


def _source_columns(one: RegisteredSource) -> tuple[str, str, str, str]:
    state = f"since {one.since:%Y-%m-%d}" if one.revoked_at is None else f"until {_moment(one.revoked_at)} UTC"
    every = "-" if one.source.every_s is None else f"every {span_of(one.source.every_s)}"
    heard = "never heard" if one.heard_at is None else f"heard {_moment(one.heard_at)} UTC"
    return state, every, heard, "; ".join(_key_words(key, one.now) for key in one.keys) or "no key"


def _state_words(one: RegisteredSource) -> str:
    if one.revoked_at is not None:
        return "revoked"
    if one.paused_at is not None:
        return f"paused since {_moment(one.paused_at)} UTC"
    return state_after((one.now - (one.heard_at or one.since)).total_seconds(), one.source.every_s)


def _expected_words(every: str, health: SourceHealth) -> str:
    usual = "" if health.learned_s is None else f"usually within {span_of(health.learned_s)} (learned, alarms nobody)"
    given = "" if every == "-" else f"{every} (given)"
    return ", ".join(filter(None, (given, usual))) or "nothing is known yet"


def _run_words(health: SourceHealth) -> Iterator[str]:
    if health.tried_at is not None:
        yield f"asked\t{_moment(health.tried_at)} UTC" + (
            "" if health.success_at is None else f", with success {_moment(health.success_at)} UTC"
        )
    if health.fault is not None and health.fault_at is not None:
        yield f"fault\tsince {_moment(health.fault_at)} UTC: {health.fault}"


def _entry_words(entry: QuarantineEntry) -> str:
    times = "" if entry.times == 1 else f"\t{entry.times} times"
    fault = f"{entry.field or 'the whole'}: {entry.message}"
    return f"{entry.id}\t{entry.source}\t{_moment(entry.at)} UTC{times}\t{fault}"


def _key_words(key: SourceKey, now: datetime) -> str:
    words = f"key since {key.since:%Y-%m-%d}, {age_of(int((now - key.since).total_seconds()))} old"
    return words if key.ends_at is None else f"{words}, ends {_moment(key.ends_at)} UTC"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _every_s(text: str, option: str = "--every") -> int:
    """Whole seconds of ``30s``, ``5m``, ``2h`` or ``1d``. Raises ValueError."""
    seconds = seconds_of(text)
    if seconds is None:
        raise ValueError(f"{option}: must be a number and a unit, such as 30s, 5m or 2h")
    return seconds
