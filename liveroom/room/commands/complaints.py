"""Accept a report, do a command on a complaint."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from liveroom.city.city import City
from liveroom.domain.complaints import commands
from liveroom.domain.complaints.commands import ComplaintCommand, permission_refusal
from liveroom.domain.complaints.decide import decide
from liveroom.domain.complaints.intake import Receipt, Report, amend, receive
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.complaints.proof import PROOF, REPORT
from liveroom.domain.fields import UPLOAD
from liveroom.domain.requests import Accepted, Code, Command, CommandName, Done, Refused, Role, Stale, Unknown
from liveroom.log.engine import Connection
from liveroom.log.event_log import first_of_kinds
from liveroom.log.texts import TextRows, erased, known_texts, knows_person, new_id, new_media, papers_of, words_erased
from liveroom.log.uploads import UploadState, upload_of, uploads_of
from liveroom.projection.complaints import last_number
from liveroom.room.transaction import (
    UnitOfWork,
    earlier_answer,
    refuse_unseen,
    remembered,
    settle_complaint,
    with_text_ids,
    word_of,
)

# How a report becomes, or amends, a complaint inside a unit.


class ComplaintIntake:
    """A city's rules applied to reports; one for the life of the room."""

    def __init__(self, city: City) -> None:
        self._city = city

    def accept(self, work: UnitOfWork, report: Report, source: str, *, actor: str = "") -> Accepted:
        """Log what this report says that is new, by its source or the ``actor`` who took it down.

        Raises Malformed with nothing logged for it.
        """
        known = work.fold.of_source(source, report.source_id)
        if known is None:
            return self._receive(work, report, source, actor or source)
        if known.report_hash == report.hash():
            return _answer(known)
        return self._amend(work, report, settle_complaint(work, known))

    def _receive(self, work: UnitOfWork, report: Report, source: str, actor: str) -> Accepted:
        id_, draft = new_id(), TextRows()
        work.fold.none_yet(id_)
        texts = draft.add_report(id_, report, {})
        person, media = draft.add_person(id_, report, self._city.region), draft.add_media(id_, report.media)
        receipt = self._receipt(id_, source, report, texts=texts, person=person, media=media)
        work.append(receive(receipt, work.unit.now, self._city.policy), actor=actor)
        work.texts.absorb(draft)
        return _answer(work.complaint(id_), created=True)

    def _amend(self, work: UnitOfWork, report: Report, known: Complaint) -> Accepted:
        """Codes and times always; texts, people, pictures and place only if none of this complaint's were erased."""
        draft, connection = TextRows(), work.unit.connection
        work.texts.write(connection)  # what this unit took for the same complaint counts as known
        texts: dict[str, str] = {}
        person: str | None = None
        media: tuple[str, ...] = ()
        if words_erased(connection, known.id):
            report = self._coded(report, known)
        if not erased(connection, known.id):
            texts = draft.add_report(known.id, report, known_texts(connection, known.id))
            if not knows_person(connection, known.id, report):
                person = draft.add_person(known.id, report, self._city.region)
            media = draft.add_media(known.id, new_media(connection, known.id, report.media))
        receipt = self._receipt(known.id, source=known.source, report=report, texts=texts, person=person, media=media)
        logged = work.append(amend(known, receipt, work.unit.now, self._city.policy), actor=known.source)
        if logged:
            work.texts.absorb(draft)
        return _answer(work.complaint(known.id), changed=bool(logged))

    def _coded(self, report: Report, known: Complaint) -> Report:
        """Of a complaint that was erased: no exact place, and no category but the city's own."""
        listed = report.category in self._city.policy.categories
        return replace(report, lat=None, lon=None, category=report.category if listed else known.category)

    def _receipt(
        self,
        id_: str,
        source: str,
        report: Report,
        *,
        texts: dict[str, str],
        person: str | None,
        media: tuple[str, ...],
    ) -> Receipt:
        found = self._city.locate(report.lat, report.lon) if report.lat is not None and report.lon is not None else None
        named = report.area if report.area in self._city.policy.areas else None
        return Receipt(
            complaint=id_,
            source=source,
            report=report,
            area=found or named,
            in_city=report.lat is None or found is not None,
            texts=texts,
            person=person,
            media=media,
        )


def _answer(complaint: Complaint, *, created: bool = False, changed: bool = False) -> Accepted:
    return Accepted(
        id=complaint.id,
        seq=complaint.seq,
        status=complaint.status.value,
        created=created,
        changed=created or changed,
    )


# Short numbers that people can say: a letter, the city's day, and the next of that day's.


def next_number(work: UnitOfWork, city: City, source: str, letter: str) -> str:
    """``M-20261125-00007``: what the citizen is told; asked under the head lock, so no two get the same."""
    begins = f"{letter}-{city.policy.day(work.unit.now):%Y%m%d}-"
    last = last_number(work.unit.connection, source, begins + "00000", begins + "99999")
    return f"{begins}{int(last[-5:]) + 1 if last else 1:05}"


# Pictures named in an order must be here, whole, looked into, and belong to the complaint that they are of.


def refuse_unready(connection: Connection, subject: str, field: str, named: Sequence[str]) -> None:
    """Raises Refused naming the first upload that cannot be used; links to elsewhere pass."""
    for index, name in enumerate(named):
        if not name.startswith(UPLOAD):
            continue
        one = upload_of(connection, name.removeprefix(UPLOAD))
        if one is None or one.subject != subject:
            raise Refused(Code.FIELD, "is no upload for this complaint", f"{field}[{index}]")
        if one.state is not UploadState.READY:
            raise Refused(Code.FIELD, f"is {one.state}: only what is ready proves anything", f"{field}[{index}]")


def shown_files(connection: Connection, subject: str, fields: Mapping[str, Any]) -> dict[str, str]:
    """The uploads behind ``before`` and ``after``: ids of the complaint's media, or of its uploads.

    Without any named, the first photo of what was reported and the last that proves. Raises Refused naming the field
    that is no photo kept here: a link to elsewhere is nothing a wall could show.
    """
    if "after" not in fields and "before" not in fields:
        return _first_and_last(connection, subject)
    urls = {str(one["id"]): str(one["url"]) for one in papers_of(connection, subject, people=False).media}
    found = {}
    for field in ("before", "after"):
        if field in fields:
            name = urls.get(fields[field], UPLOAD + fields[field])
            if not name.startswith(UPLOAD):
                raise Refused(Code.FIELD, "is a link to elsewhere", field)
            found[field] = name.removeprefix(UPLOAD)
            _refuse_unshowable(connection, subject, field, found[field])
    return found


def _refuse_unshowable(connection: Connection, subject: str, field: str, upload: str) -> None:
    one = upload_of(connection, upload)
    if one is None or one.subject != subject or one.state is not UploadState.READY or one.facts is None:
        raise Refused(Code.FIELD, "is no picture of this complaint that is ready", field)
    if one.facts.form.moving:
        raise Refused(Code.FIELD, "is a film: guests are shown photos", field)


def _first_and_last(connection: Connection, subject: str) -> dict[str, str]:
    photos = [one for one in uploads_of(connection, subject) if one.facts is not None and not one.facts.form.moving]
    ready = [one for one in photos if one.state is UploadState.READY]
    before, after = ([one.id for one in ready if one.kind == kind] for kind in (REPORT, PROOF))
    if not after:
        raise Refused(Code.FIELD, "there is no photo that proves", "after")
    return {"after": after[-1], **({"before": before[0]} if before else {})}


# How an order about a complaint becomes events in a unit: 404, 403, 422 (fields), 409, 422 (code), in this order.


class ComplaintCommands:
    """A city's rules applied to orders; one for the life of the room."""

    def __init__(self, city: City) -> None:
        self._city = city

    def execute(self, work: UnitOfWork, order: Command) -> Done:
        """Log what the order causes. Raises Unknown, Refused, Malformed or Stale with nothing logged of the order."""
        if (before := earlier_answer(work, order)) is not None:
            return before
        complaint = work.complaint(order.subject)
        name, role = word_of(CommandName, order.name, "command"), word_of(Role, order.role, "role")
        if (no := permission_refusal(complaint, name, role, actor_agency=order.actor_agency)) is not None:
            raise no
        raw = commands.parse(order.name, order.fields)
        refuse_unseen(work, order)
        _refuse_stale(work.unit.connection, complaint, order, name)
        complaint, first = settle_complaint(work, complaint), work.unit.seq + 1
        fields, draft = _with_ids(work.unit.connection, name, complaint.id, raw)
        command = ComplaintCommand(
            name=name,
            complaint=complaint.id,
            actor=order.actor,
            role=role,
            actor_agency=order.actor_agency,
            bulk=order.bulk,
            fields=fields,
        )
        self._log(work, complaint, command)
        work.texts.absorb(draft)
        return _remembered(work, order, first)

    @staticmethod
    def refuse_strangers(order: Command, found: Sequence[Complaint]) -> None:
        """Raises Unknown without a complaint, Refused when this role or agency may not; wrong words pass."""
        if not found:
            raise Unknown(order.subject)
        if order.name in set(CommandName) and order.role in set(Role):
            no = permission_refusal(
                found[0], CommandName(order.name), Role(order.role), actor_agency=order.actor_agency
            )
            if no is not None:
                raise no

    def _log(self, work: UnitOfWork, complaint: Complaint, command: ComplaintCommand) -> None:
        others = {}
        for id_ in (*commands.needs(command.name, command.fields), *complaint.children):
            other = work.fold.complaint(id_)
            if other is not None:
                others[id_] = settle_complaint(work, other)
        events = decide(complaint, command, work.unit.now, self._city.policy, others=others)
        work.append(events, actor=command.actor)


def _refuse_stale(connection: Connection, complaint: Complaint, order: Command, name: CommandName) -> None:
    found = first_of_kinds(connection, complaint.id, order.seen_seq, commands.conflicts(name))
    if found is not None:
        raise Stale(complaint, actor=found.actor, kind=found.event.kind.value)


def _with_ids(
    connection: Connection, name: CommandName, subject: str, raw: Mapping[str, Any]
) -> tuple[Mapping[str, Any], TextRows]:
    """Free texts and pictures are kept under ids of their own; the command carries the ids. Raises Refused."""
    draft = TextRows()
    fields = with_text_ids(raw, commands.text_fields(name), subject, draft)
    for key in commands.media_fields(name):
        if fields.get(key):
            refuse_unready(connection, subject, key, fields[key])
            fields[key] = draft.add_media(subject, fields[key], kind="proof")
    if name is CommandName.RELEASE_PROOF:
        fields |= shown_files(connection, subject, fields)
    return fields, draft


def _remembered(work: UnitOfWork, order: Command, first: int) -> Done:
    now = work.complaint(order.subject)
    done = Done(id=now.id, seq=now.seq, status=now.status.value, state=now.state.value)
    return remembered(work, order, done, first)
