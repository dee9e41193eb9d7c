"""How a report becomes, or amends, a complaint inside a unit."""

from dataclasses import replace

from liveroom.city.city import City
from liveroom.domain.complaints.intake import Receipt, Report, amend, receive
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.requests import Accepted
from liveroom.log.texts import Texts, erased, known_texts, knows_person, new_id, new_media, words_erased
from liveroom.settling import settle_complaint
from liveroom.working_set import WorkingSet


class Accepting:
    """A city's rules applied to reports; one for the life of the room."""

    def __init__(self, city: City) -> None:
        self._city = city

    def accept(self, work: WorkingSet, report: Report, source: str, *, actor: str = "") -> Accepted:
        """Log what this report says that is new, by its source or the ``actor`` who took it down.

        Raises Malformed with nothing logged for it.
        """
        known = work.fold.of_source(source, report.source_id)
        if known is None:
            return self._receive(work, report, source, actor or source)
        if known.report_hash == report.hash():
            return _answer(known)
        return self._amend(work, report, settle_complaint(work, known))

    def _receive(self, work: WorkingSet, report: Report, source: str, actor: str) -> Accepted:
        id_, draft = new_id(), Texts()
        work.fold.none_yet(id_)
        texts = draft.add_report(id_, report, {})
        person, media = draft.add_person(id_, report, self._city.region), draft.add_media(id_, report.media)
        receipt = self._receipt(id_, source, report, texts=texts, person=person, media=media)
        work.append(receive(receipt, work.unit.now, self._city.policy), actor=actor)
        work.texts.absorb(draft)
        return _answer(work.complaint(id_), created=True)

    def _amend(self, work: WorkingSet, report: Report, known: Complaint) -> Accepted:
        """Codes and times always; texts, people, pictures and place only if none of this complaint's were erased."""
        draft, connection = Texts(), work.unit.connection
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
