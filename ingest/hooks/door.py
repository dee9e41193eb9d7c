"""The door of hooks, `POST /hooks/SOURCE`: which ones the settings name, and what is answered.

Checks come in the order: a token, or that there is a signature (401), encoding (415), size (413), the signature (401),
pause (503), JSON (400). Whatever is signed is acknowledged with 200 once it is in the log or whole in quarantine: a
provider that gets anything else sends the same again, and holds back what is behind it. What is in neither is not
acknowledged (413, 503), so that its provider keeps it. Who is not signed leaves only a count.
"""

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from flask import Blueprint, Request, Response, request

from ingest.hazards.cap_document import read_alert
from ingest.hooks.mapping import MappedItem, MappedPayload, PayloadMapping, load_mapping
from ingest.hooks.signature import SignatureCheck, Unsigned, VerifySettings
from ingest.sources.api import (
    REFUSALS,
    Caller,
    IntakeCounts,
    IntakeGate,
    count_outcomes,
    outcomes_of,
    refused,
    results_of,
    taken,
)
from liveroom.accounts.arrivals import Tally, lag_of, note_seen, was_seen
from liveroom.accounts.quarantine import LONGEST, KeepResult, Reject
from liveroom.accounts.sources import SourcePaused, Sources, UnknownKey, admitted, slug_of
from liveroom.city.city import City
from liveroom.domain.complaints.intake import Report, report_of
from liveroom.domain.requests import Malformed
from liveroom.domain.timestamps import seconds_of
from liveroom.log.engine import Unavailable
from liveroom.room.room import Room
from liveroom.runtime.config import Config, NoSecret, sound_values
from liveroom.runtime.errors import ConfigError, Fault
from liveroom.runtime.http_input import BadJson, TooLarge, Unsupported, problem, read_bytes, read_json
from liveroom.runtime.server.connections import prove

BASE = "/hooks"
# Stands for a mapping: what comes is a document of warnings in CAP, and no JSON.
CAP = "cap"
# Of one body; Meta sends up to 3 MB.
HOOK_BYTES = 4 * 1024 * 1024
# Seconds until a provider comes again where the quarantine is full: somebody has to empty it first.
_FULL_AGAIN = 300
_PATH = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_CHALLENGE = re.compile(r"[!-~]{1,256}")


# The hooks of the settings.


class HookSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One configured hook: ``name`` of its source, ``path`` behind /hooks/ (the name's), ``mapping`` of the pack.

    ``every``: how often it is heard at least; its silence is then an alarm. Of a hook whose mapping is `cap`
    ``senders``: whose documents are taken, none for all; ``codes``: geocodes by which the service calls this city.
    """

    name: str
    mapping: str
    path: str = ""
    every: str = ""
    senders: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    verify: VerifySettings = msgspec.field(default_factory=VerifySettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A hook that is sound; ``mapping`` for the city of its room, None for one that takes warnings."""

    name: str
    path: str
    every_s: int | None
    mapping: PayloadMapping | None
    check: SignatureCheck
    senders: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


def configured_hooks(
    config: Config, city: City, key: str, *, where: str = "config.yaml", secrets: bool = True
) -> tuple[Hook, ...]:
    """The hooks of the settings. Raises ConfigError with every fault under its field, as in ``hooks[0].verify.secret``.

    ``key``: of the room, for what is opaque; ``secrets``: also whether they can be opened now.
    """
    hooks: list[Hook] = []
    faults: list[Fault] = []
    for number, section in enumerate(config.hooks):
        place = f"{where}: hooks[{number}]."
        sound, wrong = sound_values(section, HookSettings, place)
        faults += wrong
        if wrong or not {"name", "mapping"} <= sound.keys():
            continue
        settings = msgspec.convert(sound, HookSettings)
        check = SignatureCheck(settings.verify)
        faults += [Fault(f"{place}{field}", said) for field, said in _faults(settings)]
        if secrets and not list(settings.verify.faults()):
            faults += [Fault(f"{place}verify.{field}", said) for field, said in check.unopened()]
        warns, pack = settings.mapping == CAP, Path(config.cities) / config.city
        mapping = None if warns else load_mapping(pack, settings.mapping, city, key, faults)
        path = settings.path or slug_of(settings.name)
        if any(path == one.path or settings.name == one.name for one in hooks):
            faults.append(Fault(f"{place}path", f"there is a hook {path!r} or {settings.name!r} already"))
        if mapping is not None or warns:
            sound_hook = Hook(
                name=settings.name,
                path=path,
                every_s=seconds_of(settings.every),
                mapping=mapping,
                check=check,
                senders=settings.senders,
                codes=settings.codes,
            )
            hooks.append(sound_hook)
    if faults:
        raise ConfigError(faults)
    return tuple(hooks)


def _faults(settings: HookSettings) -> list[tuple[str, str]]:
    faults = [(f"verify.{field}", said) for field, said in settings.verify.faults()]
    if not settings.name.strip() or len(settings.name) > 128 or not settings.name.isprintable():
        faults.append(("name", "must be 1 to 128 characters that can be printed"))
    if settings.path and not _PATH.fullmatch(settings.path):
        faults.append(("path", f"must be small letters, digits and -, not {settings.path[:64]!r}"))
    if settings.every and seconds_of(settings.every) is None:
        faults.append(("every", "must be a number and a unit, such as 30s, 5m or 2h"))
    return faults


# The door.


class _QuarantineFull(Exception):
    """Something was refused, and is kept nowhere: too much of its source is open already."""


def hooks_blueprint(
    room: Room, sources: Sources, gate: IntakeGate, counts: IntakeCounts, hooks: Sequence[Hook]
) -> Blueprint:
    """The blueprint to register with the app; each hook's source is registered now, so that it is seen as missing."""
    blueprint = Blueprint("hooks", __name__)
    door = HookDoor(room, sources, gate, counts, hooks)
    blueprint.add_url_rule(f"{BASE}/<path>", "take", lambda path: door.answer(path, request), methods=["POST"])
    blueprint.add_url_rule(f"{BASE}/<path>", "greet", lambda path: door.greeting(path, request), methods=["GET"])
    return blueprint


class HookDoor:
    """The hooks of one room, by their paths, and the ids of their sources, registered as soon as the database lets."""

    def __init__(
        self, room: Room, sources: Sources, gate: IntakeGate, counts: IntakeCounts, hooks: Sequence[Hook]
    ) -> None:
        self._room = room
        self._sources = sources
        self._gate = gate
        self._counts = counts
        self._hooks = {one.path: one for one in hooks}
        self._ids: dict[str, str] = {}
        for one in hooks:
            with suppress(Unavailable):
                self._source_of(one)

    def answer(self, path: str, asked: Request) -> Response:
        """The response to one POST; every failure is a problem document."""
        hook = self._hooks.get(path)
        try:
            if hook is None:
                raise Unsigned
            return self._take(hook, asked)
        except (Unsigned, UnknownKey):
            if hook is not None and hook.path in self._ids:
                self._counts.count(self._ids[hook.path], Tally(unsigned=1))
            return problem(401, "unauthorized", "there is no such hook, or the request is not signed as it has to be")
        except NoSecret:
            return problem(503, "unavailable", "the secret of this hook cannot be read here", retry_after=60)
        except _QuarantineFull:
            whole = "the quarantine of this source is full; somebody here has to look after it first"
            return problem(503, "quarantine_full", whole, retry_after=_FULL_AGAIN)
        except REFUSALS as fault:
            return refused(fault)

    def greeting(self, path: str, asked: Request) -> Response:
        """The answer to the question by which WhatsApp makes sure of the address: what it sent, as plain text."""
        hook = self._hooks.get(path)
        said = asked.args.get("hub.challenge", "")
        try:
            known = hook is not None and hook.check.greets(asked.args.get("hub.verify_token", ""))
        except NoSecret:
            known = False
        if not known or asked.args.get("hub.mode") != "subscribe" or not _CHALLENGE.fullmatch(said):
            return problem(403, "forbidden", "there is no such hook, or this is not its token")
        return Response(said, 200, content_type="text/plain; charset=utf-8")

    def _source_of(self, hook: Hook) -> str:
        """The id of its source, which is registered if it is new. Raises Unavailable."""
        if hook.path not in self._ids:
            id_ = self._sources.ensure(hook.name, hook.every_s)
            if hook.every_s is not None:
                self._sources.expect(id_, hook.every_s)
            self._ids[hook.path] = id_
        return self._ids[hook.path]

    def _take(self, hook: Hook, asked: Request) -> Response:
        """Take one request. Raises Unsigned, UnknownKey, NoSecret, _QuarantineFull and REFUSALS."""
        hook.check.check_head(asked.headers)
        if asked.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise Unsupported("the body must not be compressed")
        body = read_bytes(asked, HOOK_BYTES)
        mark = hook.check.mark(asked.headers, body)
        prove(asked.environ)
        source = self._source_of(hook)
        look = self._room.log.read
        caller, seen = look(lambda c: (admitted(c, source), mark is not None and was_seen(c, source, mark)))
        if caller is None:
            raise UnknownKey
        if caller.paused:
            self._sources.heard(source)
            raise SourcePaused
        if seen:
            self._sources.heard(source)
            return _answer([], repeated=True)
        raw = body.decode("utf-8", "backslashreplace")
        if hook.mapping is None:
            answer = self._hear(hook, caller, body, raw)
            self._remember(source, mark)
            return answer
        try:
            payload = read_json(body, HOOK_BYTES)
        except BadJson as fault:
            self._sources.heard(source)
            if self._counts.keep(source, [Reject(raw=raw, fault=Malformed("", str(fault)))]).beyond:
                raise _QuarantineFull from fault
            raise
        results, ignored = self._accept_all(caller, hook.mapping.slices(payload, raw))
        if not results and not ignored:
            # An app that sends nothing but these has changed its format, or is not set up: that is silence.
            self._counts.count(source, Tally(empty=1))
        if results:
            self._remember(source, mark)
        return _answer(results, ignored=ignored)

    def _remember(self, source: str, mark: str | None) -> None:
        """Note a message that was taken: that a repeat would be looked at anew is not worth another answer."""
        if mark:
            with suppress(Unavailable):
                self._room.log.touch(lambda c: note_seen(c, source, mark))

    def _hear(self, hook: Hook, caller: Caller, body: bytes, raw: str) -> Response:
        """Hear a document of warnings, which changes nothing where it comes again. Raises as ``_accept_all``."""
        self._sources.heard(caller.id)
        try:
            alert = read_alert(body)
            if hook.senders and alert.sender not in hook.senders:
                raise Malformed("sender", f"{alert.sender!r} is none of those that the settings name")
        except Malformed as fault:
            kept = self._counts.keep(caller.id, [Reject(raw=raw, fault=fault)])
            if kept.beyond:
                raise _QuarantineFull from fault
            if kept.cut:
                raise TooLarge(f"what is wrong is kept up to {LONGEST} bytes, and this was longer") from fault
            return _answer(results_of(1, {0: fault}))
        with self._gate.passing(1):
            (answer,) = self._room.hear_many([alert], source=caller.id, own_codes=hook.codes)
        self._counts.count(caller.id, taken(answer, lag_of(alert.sent, caller.now)))
        return _answer(results_of(1, {0: answer}))

    def _accept_all(self, caller: Caller, parts: Iterable[MappedPayload]) -> tuple[list[dict[str, Any]], int]:
        """What became of each item, as the API answers an array, and how many were ignored.

        Raises Backpressure, Unavailable, TooLarge and _QuarantineFull: then its sender must keep it and send it again,
        and what was taken by then changes nothing.
        """
        results: list[dict[str, Any]] = []
        ignored = beyond = cut = 0
        for part in parts:
            self._sources.heard(caller.id)
            found, kept = self._accept(caller, part.items)
            results += [{**one, "index": len(results) + n} for n, one in enumerate(found)]
            ignored, beyond, cut = ignored + part.ignored, beyond + kept.beyond, cut + kept.cut
        # Only now: what is good in the rest of it waits for nobody.
        if beyond:
            raise _QuarantineFull
        if cut:
            raise TooLarge(f"what is wrong is kept up to {LONGEST} bytes, and this was longer")
        return results, ignored

    def _accept(self, caller: Caller, mapped: Sequence[MappedItem]) -> tuple[list[dict[str, Any]], KeepResult]:
        """What became of each item of a slice, and how what was refused is kept. Raises Backpressure, Unavailable."""
        items = [_report(one, caller, self._room.kind) for one in mapped]
        with self._gate.passing(len(items)):
            outcomes = outcomes_of(self._room, items, caller.id)
        sent = [(one.raw, one.value or None) for one in mapped]
        kept = count_outcomes(self._counts, caller, items, outcomes, sent)
        if len(outcomes) < len(items):
            # Its sender knows only one answer for all.
            raise Unavailable("the room took a part of it")
        return results_of(len(items), outcomes), kept


def _report(item: MappedItem, caller: Caller, kind: str) -> Report | Malformed:
    if item.faults:
        return item.faults[0]
    try:
        return report_of(dict(item.value), caller.now, kind)
    except Malformed as fault:
        return fault


def _answer(results: list[dict[str, Any]], *, ignored: int = 0, repeated: bool = False) -> Response:
    """``{results, ignored, repeated}``: of each report what the API says of an item of an array."""
    body = {"results": results, "ignored": ignored, "repeated": repeated}
    return Response(msgspec.json.encode(body), 200, content_type="application/json")
