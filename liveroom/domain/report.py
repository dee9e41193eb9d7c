"""A report as a source hands it in: typed, bounded, not yet a complaint. Texts and people stay out of the events."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who reported; personal data under law 27/2022: never in an event, a card or a log line."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report, already validated: bounded as docs/intake.md says, aware UTC times, degrees in WGS 84.

    ``received_at`` and ``closed_at`` are set by the importer, the replay and the drill only: what a source says on the
    wire is informative.
    """

    source_id: str
    category: str
    description: str = ""
    address: str = ""
    lat: float | None = None
    lon: float | None = None
    area: str | None = None
    channel: str | None = None
    reported_at: datetime | None = None
    updated_at: datetime | None = None
    priority: str | None = None
    person: Person | None = None
    media: tuple[str, ...] = ()
    drill: bool = False
    received_at: datetime | None = None
    closed_at: datetime | None = None

    def drilled(self) -> "Report":
        """The same report marked as practice."""
        return self if self.drill else replace(self, drill=True)

    def ended(self, at: datetime) -> "Report":
        """The same report with its end, aware UTC."""
        return replace(self, closed_at=at)

    def hash(self) -> str:
        """The canonical hash: the same report again changes nothing, whatever its order and spelling."""
        said = {name: getattr(self, name) for name in self.__slots__}
        canonical = json.dumps(said, sort_keys=True, default=_plain, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def _plain(value: object) -> object:
    """What JSON does not know: who reported, and times."""
    return asdict(value) if isinstance(value, Person) else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What ``decide`` sees of a report: the codes and times, where it lies, and the ids under which its texts are kept.

    ``texts`` maps kind (description, address) to text id, ``person`` and ``media`` are row ids.
    """

    complaint: str
    source: str
    report: Report
    area: str | None
    in_city: bool
    texts: dict[str, str]
    person: str | None
    media: tuple[str, ...]
