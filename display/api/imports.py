"""Imports of files over HTTP, ``/api/v1/imports``, for supervisors and admins: a file comes in, is tried and imported.

A file is streamed to the disk within bounds; what it is taken for is found out aside, since that may block. Its rows
may hold personal data: they are shown to whoever sent them or may decide about them, columns about persons never.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from flask import Blueprint, Response, request

from display.api.requests import person_named, short_text
from display.api.responses import handle_errors, json_response
from display.auth.visitor import Visitors
from display.feed.cards import Cards, visit_now
from liveroom.accounts.imports import (
    LARGEST,
    OPEN,
    WAITS,
    ImportFiles,
    ImportJob,
    ImportState,
    TooManyImports,
    add_job,
    job_of,
    latest_jobs,
    new_job_id,
    note_order,
    order_job,
)
from liveroom.accounts.sources import Sources
from liveroom.accounts.users import Person
from liveroom.domain.requests import Code, Malformed, Refused, Role, Unknown
from liveroom.domain.timestamps import to_text
from liveroom.log.engine import Connection
from liveroom.room.room import Room
from liveroom.room.trial import try_value
from liveroom.runtime import Runtime
from liveroom.runtime.disk import Disk, as_disk_full, sync_folder
from liveroom.runtime.http_input import BadJson, TooLarge, problem, read_body, read_json
from liveroom.tables.delimited import ENCODINGS
from liveroom.tables.file_kinds import open_rows
from liveroom.tables.source_rows import SourceRow
from liveroom.tables.table_plan import FIELDS, CategoryNames, TablePlan, TableReader, said
from liveroom.tables.understood import CategorySeen, Understood, category_seen, understand

_MAY = frozenset({Role.SUPERVISOR, Role.ADMIN})
_PIECE = 1 << 18
_LATEST = 10
# Rows of the preview.
_SHOWN = 12
_FILE = "application/octet-stream"
_LONGEST_NAME = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportParts:
    """What imports need beside the room."""

    register: Sources
    visitors: Visitors
    files: ImportFiles
    disk: Disk
    runtime: Runtime


def imports_blueprint(room: Room, parts: ImportParts) -> Blueprint:
    """``/api/v1/imports``; the permission table says for whom."""
    blueprint = Blueprint("imports", __name__, url_prefix="/api/v1/imports")
    handled = handle_errors(Cards(room.city.policy, "desk"))
    desk = _ImportDesk(room, parts)
    for rule, name, answer, method in (
        ("", "list", desk.listed, "GET"),
        ("", "receive", desk.receive, "POST"),
        ("/<id_>", "show", desk.shown, "GET"),
        ("/<id_>/rejects.csv", "rejects", desk.rejects, "GET"),
        ("/<id_>/<order>", "order", desk.order, "POST"),
    ):
        blueprint.add_url_rule(rule, name, handled(answer), methods=[method])
    return blueprint


class _ImportDesk:
    """Files on their way in, and the orders about them."""

    def __init__(self, room: Room, parts: ImportParts) -> None:
        self._room, self._parts = room, parts

    def listed(self) -> Response:
        """``{items, fields, encodings, most, guests}``: the latest jobs, and what a column or a file can be."""
        jobs = self._room.log.read(lambda c: latest_jobs(c, _LATEST))
        guests = self._guests()
        items = self._parts.runtime.run_aside(lambda: [self._summary(one, guests=guests) for one in jobs])
        known = {"fields": FIELDS, "encodings": ENCODINGS, "most": LARGEST, "guests": guests}
        return json_response({"items": items, **known})

    def receive(self) -> Response:
        """POST the bytes of a file as ``?name=&source=``: 201 with the job, which is tried where nothing is asked."""
        who = self._who({**request.args})
        name = short_text({"name": request.args.get("name", "")[-_LONGEST_NAME:]}, "name")
        source = self._source_name({**request.args})
        if request.mimetype != _FILE:
            return problem(415, "unsupported_media_type", f"must be {_FILE}", "Content-Type")
        if "Transfer-Encoding" in request.headers:  # a chunked body may have no end, and no browser sends a file so
            return problem(411, "length_required", "send the file with its length, not in chunks", "Content-Length")
        id_ = new_job_id()
        path = self._parts.files.table(id_)
        try:
            size = self._stream(path)
            found = self._understood(path, TablePlan(outside="refuse"))
            # With what it is taken for, all at once: nobody may start a file about which nothing was asked yet.
            values = {"name": name, "size": size, "actor": who.actor, **self._planned(found, source)}
            self._room.log.touch(partial(_add, id_=id_, who=who, values=values))
        except TooManyImports:
            self._parts.files.forget(id_, rejects=True)
            return problem(429, "too_many", "import or cancel one of the files that wait first", retry_after=60)
        except BaseException:
            self._parts.files.forget(id_, rejects=True)
            raise
        return json_response(self._whole(self._job(id_), found), 201)

    def _stream(self, path: Path) -> int:
        """Write the body to the disk; its length. Raises TooLarge, DiskFull, BadJson where it is cut off."""
        length = request.content_length or 0
        if length > LARGEST:
            raise TooLarge(f"a file may have at most {LARGEST} bytes")
        if not length:
            raise Malformed("file", "the file is empty")
        self._parts.files.made()
        written = 0
        with as_disk_full(), os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            while written < length and (piece := self._piece(min(_PIECE, length - written))):
                self._parts.disk.refuse(len(piece))
                file.write(piece)
                written += len(piece)
            file.flush()
            self._parts.runtime.run_aside(partial(os.fsync, file.fileno()))
        sync_folder(path.parent)
        if written < length:
            raise BadJson("bad_body", "the file is cut off")
        return written

    def _piece(self, most: int) -> bytes:
        try:
            return bytes(request.stream.read(most))
        except TimeoutError as error:
            raise BadJson("too_slow", "the file did not come in time") from error
        except (OSError, ValueError):
            return b""

    def shown(self, id_: str) -> Response:
        """One job; ``?whole`` also what its file is taken for, and its first rows as they would become."""
        job = self._job(id_)
        if "whole" not in request.args or job.state not in OPEN or not self._parts.files.table(id_).exists():
            return json_response(self._summary(job, guests=self._guests()))
        if self._guests():
            raise Refused(Code.STATE, "guests are in the room: no row is shown")
        plan = msgspec.json.decode(job.plan, type=TablePlan)
        return json_response(self._whole(job, self._understood(self._parts.files.table(id_), plan)))

    def order(self, id_: str, order: str) -> Response:
        """POST ``plan`` ``{plan, source}``, ``start``, or ``cancel``; answered with the job as it is then."""
        body = read_json(read_body(request))
        if not isinstance(body, dict):
            raise Malformed("", "the body must be an object")
        who, job = self._who(body), self._job(id_)
        match order:
            case "plan":
                return self._replan(job, body)
            case "start":
                return self._start(job, who)
            case "cancel":
                # Of what was only tried nothing stays; what an import refused does.
                tried = job.state in WAITS
                values = {"rejects": 0} if tried else {}
                done = self._ordered(job, ImportState.CANCELLED, OPEN, "cancelled", who, **values)
                if done:
                    self._parts.files.forget(id_, rejects=tried)
                return json_response(self._summary(self._job(id_), guests=self._guests())) if done else _other()
            case _:
                return problem(404, "unknown_command", f"{order[:64]!r} is not an order about an import", "command")

    def _replan(self, job: ImportJob, body: Mapping[str, Any]) -> Response:
        source = self._source_name(body) if "source" in body else job.source_name
        try:
            plan = msgspec.convert(body.get("plan"), TablePlan)
        except msgspec.ValidationError as error:
            raise Malformed("plan", str(error)) from error
        for text, key in plan.categories.items():
            if key and key not in self._room.city.categories:
                raise Malformed("categories", f"{text[:60]!r} cannot be {key[:60]!r}: there is no such category")
        found = self._understood(self._parts.files.table(job.id), plan)
        values = self._planned(found, source)
        if not self._room.log.touch(lambda c: order_job(c, job, among=WAITS, **values)):
            return _other()
        return json_response(self._whole(self._job(job.id), found))

    def _planned(self, found: Understood, source: str) -> dict[str, Any]:
        """What is stored of what a file is taken for; it is tried where nothing is asked."""
        known = next((one.source.id for one in self._parts.register.all() if one.source.name == source), None)
        facts = {"said": found.said, "questions": found.questions, "order": found.order}
        return {
            "state": ImportState.READY if found.questions else ImportState.TRIAL,
            "plan": msgspec.json.encode(found.plan).decode(),
            "said": msgspec.json.encode(facts).decode(),
            "source_name": source,
            "source": known,
        }

    def _start(self, job: ImportJob, who: Person) -> Response:
        asked = msgspec.json.decode(job.said).get("questions", ())
        if asked:
            raise Malformed(asked[0], "has to be answered first")
        if job.state not in WAITS:
            return _other()
        source = self._parts.register.ensure_taken(job.source_name)
        if not self._ordered(job, ImportState.RUNNING, WAITS, "started", who, source=source):
            return _other()
        return json_response(self._summary(self._job(job.id), guests=self._guests()))

    def _ordered(
        self, job: ImportJob, state: ImportState, among: tuple[ImportState, ...], what: str, who: Person, **values: Any
    ) -> bool:
        def order(connection: Connection) -> bool:
            done = order_job(connection, job, state, among=among, **values)
            if done:
                note_order(connection, job.id, what, actor=who.actor, role=who.role.value)
            return done

        return self._room.log.touch(order)

    def rejects(self, id_: str) -> Response:
        """What was refused so far, as CSV to download; that somebody took it is written down."""
        who, job = self._who({**request.args}), self._job(id_)
        path = self._parts.files.rejects(id_)
        if not job.rejects or not path.exists():
            raise Unknown(id_)
        if self._guests():
            raise Refused(Code.STATE, "guests are in the room: no row is shown")
        self._room.log.touch(lambda c: note_order(c, id_, "rejects", actor=who.actor, role=who.role.value))
        headers = {
            "Content-Disposition": f'attachment; filename="rejects-{id_[:8]}.csv"',
            "Content-Length": str(job.rejects),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(_pieces(path, job.rejects), 200, headers, content_type="text/csv; charset=utf-8")

    def _guests(self) -> bool:
        return self._room.log.read(visit_now) is not None

    def _who(self, said_: Mapping[str, Any]) -> Person:
        # On trusted loopback the page acts as a supervisor, unless it says otherwise.
        who = self._parts.visitors.who(request) or person_named({"role": Role.SUPERVISOR.value, **said_})
        if who.role not in _MAY:
            raise Refused(Code.ROLE, f"this is not for {who.role}")
        return who

    def _source_name(self, fields: Mapping[str, Any]) -> str:
        name = short_text({**fields}, "source").strip()
        if not name.isprintable():
            raise Malformed("source", "must be characters that can be printed")
        return name

    def _job(self, id_: str) -> ImportJob:
        found = self._room.log.read(lambda c: job_of(c, id_))
        if found is None:
            raise Unknown(id_)
        return found

    def _understood(self, path: Path, plan: TablePlan) -> Understood:
        if not path.exists():
            raise Malformed("file", "is not on this machine (any more)")
        return self._parts.runtime.run_aside(
            lambda: understand(open_rows(path, plan.encoding or None), self._room.city, plan)
        )

    # As JSON.

    def _summary(self, job: ImportJob, *, guests: bool) -> dict[str, Any]:
        """``guests``: they are in the room, so nothing that a cell says is shown."""
        tally = msgspec.structs.replace(job.tally, first=[], unmatched={}) if guests else job.tally
        seen = [CategorySeen(text=text, rows=n, key=None, near=None) for text, n in tally.unmatched.items()]
        if job.state in WAITS and seen:
            plan, names = msgspec.json.decode(job.plan, type=TablePlan), CategoryNames(self._room.city)
            seen = [category_seen(one.text, one.rows, plan, names) for one in seen]
        return {
            "id": job.id,
            "state": job.state,
            "name": job.name,
            "source": job.source_name,
            "actor": job.actor,
            "created_at": to_text(job.created_at),
            "changed_at": to_text(job.changed_at),
            "size": job.size,
            "read_bytes": job.read_bytes,
            "read_rows": job.read_rows,
            "rejects": job.rejects > 0,
            "fault": job.fault,
            **msgspec.json.decode(job.said),
            "tally": {**msgspec.to_builtins(tally), "unmatched": [_category_json(one) for one in seen]},
        }

    def _whole(self, job: ImportJob, found: Understood) -> dict[str, Any]:
        plan, guests = found.plan, self._guests()
        reader = TableReader(plan, self._room.city)
        return self._summary(job, guests=guests) | {
            "plan": msgspec.to_builtins(plan),
            "columns": [
                {"name": one.name, "samples": () if guests else one.samples, "field": one.field, "why": one.why}
                for one in found.columns
            ],
            "categories": [] if guests else [_category_json(one) for one in found.categories],
            "preview": [] if guests else [self._row(row, reader) for row in found.sample[:_SHOWN]],
            "looked_at": len(found.sample),
        }

    def _row(self, row: SourceRow, reader: TableReader) -> dict[str, Any]:
        """A row as it would become: its fields but those of persons, what the room makes of it, and its faults."""
        now, city = self._room.now(), self._room.city
        try:
            values = reader.values(row)
        except Malformed as fault:
            return {"line": row.line, "fields": {}, "becomes": {}, "faults": [_fault_json(fault)]}
        trial = try_value(values, city, now, self._room.kind)
        faults = list(trial.faults)
        if not faults:
            try:
                reader.report(row, now, self._room.kind)
            except Malformed as fault:
                faults.append(fault)
        fields = {name: text for name, text in trial.fields.items() if not name.startswith("person.")}
        if values.get("closed_at"):
            fields["closed_at"] = values["closed_at"]
        return {
            "line": row.line,
            "fields": said(fields),
            "becomes": dict(trial.becomes),
            "faults": list(map(_fault_json, faults)),
        }


def _add(connection: Connection, *, id_: str, who: Person, values: Mapping[str, Any]) -> None:
    add_job(connection, id_, **values)
    note_order(connection, id_, "sent", actor=who.actor, role=who.role.value)


def _other() -> Response:
    return problem(409, "other", "somebody gave another order about this file, or it is over")


def _fault_json(fault: Malformed) -> dict[str, str]:
    return {"field": fault.field, "message": fault.message}


def _category_json(one: CategorySeen) -> dict[str, Any]:
    return {"text": one.text, "rows": one.rows, "key": one.key, "near": one.near}


def _pieces(path: Path, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        left = length
        while left and (piece := file.read(min(_PIECE, left))):
            left -= len(piece)
            yield piece
