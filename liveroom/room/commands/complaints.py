"""Complaints: accept or amend one from a report, and the commands on one, by the rules of `domain.complaints`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from liveroom.city.city import City
from liveroom.domain.complaints.commands import SPECS, ComplaintCommand, agency_refusal, needs
from liveroom.domain.complaints.decide import decide
from liveroom.domain.complaints.intake import Receipt, Report, amend, receive
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.complaints.proof import PROOF, REPORT
from liveroom.domain.events import happened
from liveroom.domain.events.complaint_payloads import ComplaintCommented
from liveroom.domain.fields import UPLOAD
from liveroom.domain.policy import Policy
from liveroom.domain.requests import Code, CommandName, CommandResult, IntakeResult, Malformed, Refused, Unknown
from liveroom.log.engine import Connection
from liveroom.log.texts import TextRows, dossier_of, erased, known_texts, knows_person, new_id, new_media, words_erased
from liveroom.log.uploads import UploadState, upload_of, uploads_of
from liveroom.projection.complaints import last_number
from liveroom.projection.fold import Fold
from liveroom.room.pipeline import Handler, ParsedCommand
from liveroom.room.transaction import UnitOfWork, settle_complaint


class ComplaintIntake:
    """Turns reports into complaints by one city's rules."""

    def __init__(self, city: City) -> None:
        self._city = city

    def accept(self, work: UnitOfWork, report: Report, source: str, *, actor: str = "") -> IntakeResult:
        """Create the complaint of a report, or log what is new in it; the actor is the source or who took it down.

        Raises Malformed with nothing logged.
        """
        known = work.fold.of_source(source, report.source_id)
        if known is None:
            return self._receive(work, report, source, actor or source)
        if known.report_hash == report.hash():
            return result_of(known)
        return self._amend(work, report, settle_complaint(work, known))

    def _receive(self, work: UnitOfWork, report: Report, source: str, actor: str) -> IntakeResult:
        draft = TextRows()
        receipt = self.receipt_of_new(report, source, draft)
        id_ = receipt.complaint
        work.fold.none_yet(id_)
        work.append(receive(receipt, work.transaction.now, self._city.policy), actor=actor)
        work.texts.absorb(draft)
        return result_of(work.complaint(id_), created=True)

    def receipt_of_new(self, report: Report, source: str, draft: TextRows) -> Receipt:
        """The receipt of a report that is new to the room, under a fresh id; its rows are added to ``draft``."""
        id_ = new_id()
        texts = draft.add_report(id_, report, {})
        person, media = draft.add_person(id_, report, self._city.region), draft.add_media(id_, report.media)
        return self._receipt(id_, source, report, texts=texts, person=person, media=media)

    def _amend(self, work: UnitOfWork, report: Report, known: Complaint) -> IntakeResult:
        """Amend codes and times; texts, person, pictures and exact place only if this complaint was not erased."""
        draft, connection = TextRows(), work.transaction.connection
        work.texts.write(connection)  # so that texts of the same complaint in this transaction count as known
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
        logged = work.append(amend(known, receipt, work.transaction.now, self._city.policy), actor=known.source)
        if logged:
            work.texts.absorb(draft)
            self._say_over(work, report, known.id)
        return result_of(work.complaint(known.id), changed=bool(logged))

    def _say_over(self, work: UnitOfWork, report: Report, id_: str) -> None:
        """Tell whoever has the complaint that what a gauge measured is over, where that alone does not end it.

        For one that was merged, whoever has the one that it went into.
        """
        known = work.complaint(id_)
        about = known.merged_into or (known.id if known.open else None)
        if report.over_at is None or about is None or erased(work.transaction.connection, about):
            return
        note = ComplaintCommented(text=work.texts.add(about, "text", report.description))
        work.append((happened(about, note, at=work.transaction.now),), actor=known.source)

    def _coded(self, report: Report, known: Complaint) -> Report:
        """The report without exact place and without a category that the city does not list, for an erased
        complaint."""
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


def result_of(complaint: Complaint, *, created: bool = False, changed: bool = False) -> IntakeResult:
    """What the sender of a report is told."""
    return IntakeResult(
        id=complaint.id,
        seq=complaint.seq,
        status=complaint.status.value,
        created=created,
        changed=created or changed,
    )


# Numbers of a source and day, and how many are looked at for a gap where the last is taken.
MOST_A_DAY, GAPS_TRIED = 99_999, 1000


def next_number(work: UnitOfWork, city: City, source: str, letter: str) -> str:
    """The next number of a source's day, ``M-20261125-00007``, short enough to say. Unique under the head lock.

    Raises Malformed("source_id") when none is left: a source that numbers for itself too may have taken them.
    """
    begins = f"{letter}-{city.policy.day(work.transaction.now):%Y%m%d}-"
    last = last_number(work.transaction.connection, source, begins + "00000", begins + "99999")
    said = last.removeprefix(begins) if last else "00000"
    if said.isdecimal() and len(said) == len("00000") and int(said) < MOST_A_DAY:
        return f"{begins}{int(said) + 1:05}"
    for n in range(1, GAPS_TRIED):
        if work.fold.of_source(source, f"{begins}{n:05}") is None:
            return f"{begins}{n:05}"
    raise Malformed("source_id", "no number of this day is left")


# Pictures that a command names: they must be complete, inspected, and belong to the complaint.


def _refuse_unready(connection: Connection, subject: str, field: str, named: Sequence[str]) -> None:
    """Raises Refused on the first upload that cannot be used; links to other servers pass."""
    for index, name in enumerate(named):
        if not name.startswith(UPLOAD):
            continue
        one = upload_of(connection, name.removeprefix(UPLOAD))
        if one is None or one.subject != subject:
            raise Refused(Code.FIELD, "is no upload for this complaint", f"{field}[{index}]")
        if one.state is not UploadState.READY:
            raise Refused(Code.FIELD, f"is {one.state}: only what is ready proves anything", f"{field}[{index}]")


def _shown_files(connection: Connection, subject: str, fields: Mapping[str, Any]) -> dict[str, str]:
    """Upload ids by ``before`` and ``after``, which name media or uploads of the complaint.

    If neither is given: the first photo of the report and the last of the proof. Raises Refused on a field that is no
    photo stored here, since a wall cannot show a link to another server.
    """
    if "after" not in fields and "before" not in fields:
        return _first_and_last(connection, subject)
    urls = {str(one["id"]): str(one["url"]) for one in dossier_of(connection, subject, people=False).media}
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


# Commands.


def complaint_handler(policy: Policy) -> Handler[Complaint]:
    """The commands on complaints, by one city's rules."""
    return Handler(
        specs=SPECS,
        load=lambda _connection, fold, command: _load(fold, command.subject),
        decide=lambda work, given: _decide(work, given, policy),
        outsider=lambda complaint, command, role: agency_refusal(complaint, role, command.actor_agency),
        settle=settle_complaint,
    )


def _load(fold: Fold, id_: str) -> Complaint:
    found = fold.complaint(id_)
    if found is None:
        raise Unknown(id_)
    return found


def _decide(work: UnitOfWork, given: ParsedCommand[Complaint], policy: Policy) -> CommandResult:
    complaint = given.subject
    command = ComplaintCommand(
        name=CommandName(given.name),
        complaint=complaint.id,
        actor=given.actor,
        role=given.role,
        actor_agency=given.command.actor_agency,
        bulk=given.command.bulk,
        fields=_with_media(work.transaction.connection, given),
    )
    others = {}
    for id_ in (*needs(command.name, command.fields), *complaint.children):
        other = work.fold.complaint(id_)
        if other is not None:
            others[id_] = settle_complaint(work, other)
    work.append(decide(complaint, command, work.transaction.now, policy, others=others), actor=given.actor)
    now = work.complaint(complaint.id)
    return CommandResult(id=now.id, seq=now.seq, status=now.status.value, state=now.state.value)


def _with_media(connection: Connection, given: ParsedCommand[Complaint]) -> Mapping[str, Any]:
    """The fields with pictures replaced by the ids of their rows, or of those to be shown. Raises Refused."""
    fields, subject = dict(given.fields), given.subject.id
    for key in SPECS[CommandName(given.name)].media:
        if fields.get(key):
            _refuse_unready(connection, subject, key, fields[key])
            fields[key] = given.texts.add_media(subject, fields[key], kind="proof")
    if given.name == CommandName.RELEASE_PROOF:
        fields |= _shown_files(connection, subject, fields)
    return fields
