"""What a source needs of the room, and no more: the doors in are written against this, the room fulfils it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from liveroom.domain.complaints.intake import Report
from liveroom.domain.requests import Malformed

BATCH = 100


class Answer(Protocol):
    """What became of an accepted report; ``created`` false: the source_id was known."""

    @property
    def id(self) -> str:
        """The complaint's id."""

    @property
    def seq(self) -> int:
        """The log's position after it."""

    @property
    def status(self) -> str:
        """waiting, in_process, done or elsewhere."""

    @property
    def created(self) -> bool:
        """True for a new complaint."""

    @property
    def changed(self) -> bool:
        """True when something was written."""


class Door(Protocol):
    """The room as a source sees it."""

    kind: str

    def now(self) -> datetime:
        """Room time, aware UTC."""

    def accept(self, report: Report, *, source: str) -> Answer:
        """Take one report. Raises Malformed."""

    def accept_many(self, reports: Sequence[Report], *, source: str) -> Sequence[Answer | Malformed]:
        """Take at most BATCH reports in one transaction; one answer a report, in order."""


class Caller(Protocol):
    """A source that proved who it is."""

    @property
    def id(self) -> str:
        """The source's id."""


class Callers(Protocol):
    """The register of sources as the intake sees it."""

    def by_key(self, key: str) -> Caller | None:
        """The source that owns this key, None when nobody does."""

    def heard(self, source: str) -> None:
        """Note that the source is alive."""
