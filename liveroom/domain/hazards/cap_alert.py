"""A document of the Common Alerting Protocol 1.2, as far as the room understands it; the file of XML is read elsewhere.

A document is one message of a service: it issues warnings (``Alert``), puts others in the place of earlier ones
(``Update``) or ends them (``Cancel``). Its infos say the same in several languages, or several things in one.
All texts are of somebody else: plain, bounded and without addresses.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from liveroom.domain.timestamps import to_text

# How long a warning holds that does not say when it ends.
LASTS = timedelta(hours=24)
# Nothing is believed for longer: a service that still warns then says so again.
LONGEST = timedelta(days=60)
# Characters.
LONGEST_AREA = 1_000


class CapStatus(StrEnum):
    """What a document is for; only ``Actual`` is for a real room."""

    ACTUAL = "Actual"
    EXERCISE = "Exercise"
    SYSTEM = "System"
    TEST = "Test"
    DRAFT = "Draft"


class MessageType(StrEnum):
    """What a document does."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"
    ACK = "Ack"
    ERROR = "Error"


class CapScope(StrEnum):
    """For whom it is."""

    PUBLIC = "Public"
    RESTRICTED = "Restricted"
    PRIVATE = "Private"


class HazardSeverity(StrEnum):
    """How bad it is, the worst first."""

    EXTREME = "Extreme"
    SEVERE = "Severe"
    MODERATE = "Moderate"
    MINOR = "Minor"
    UNKNOWN = "Unknown"


class HazardUrgency(StrEnum):
    """When to act, the soonest first; ``Past``: no longer."""

    IMMEDIATE = "Immediate"
    EXPECTED = "Expected"
    FUTURE = "Future"
    PAST = "Past"
    UNKNOWN = "Unknown"


class HazardCertainty(StrEnum):
    """How sure it is, the surest first."""

    OBSERVED = "Observed"
    LIKELY = "Likely"
    POSSIBLE = "Possible"
    UNLIKELY = "Unlikely"
    UNKNOWN = "Unknown"


# A ring is closed: its last point is its first.
Place = tuple[float, float]
PlaceRing = tuple[Place, ...]


class CapArea(msgspec.Struct, frozen=True, kw_only=True):
    """Where: rings of (longitude, latitude) in degrees, circles of a middle and a radius in km, and codes by name."""

    description: str = ""
    polygons: tuple[PlaceRing, ...] = ()
    circles: tuple[tuple[Place, float], ...] = ()
    geocodes: tuple[tuple[str, str], ...] = ()


class CapInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What is said in one language; ``language`` in small letters, ``over``: it says that the danger is over."""

    language: str
    event: str
    severity: HazardSeverity = HazardSeverity.UNKNOWN
    urgency: HazardUrgency = HazardUrgency.UNKNOWN
    certainty: HazardCertainty = HazardCertainty.UNKNOWN
    over: bool = False
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    areas: tuple[CapArea, ...] = ()

    @property
    def tongue(self) -> str:
        """Its language without a country."""
        return self.language.partition("-")[0]

    @property
    def area_description(self) -> str:
        """Where, in the service's own words, as far as anybody reads on."""
        said = ", ".join(dict.fromkeys(area.description for area in self.areas if area.description))
        return said if len(said) <= LONGEST_AREA else f"{said[: LONGEST_AREA - 1]}…"


class CapReference(msgspec.Struct, frozen=True, kw_only=True):
    """The name of a document: no two have the same."""

    sender: str
    identifier: str
    sent: datetime

    @property
    def id(self) -> str:
        """Its id in the room, 32 hexadecimal digits."""
        return _digits(self.sender, self.identifier, to_text(self.sent))

    @property
    def series(self) -> str:
        """What all documents have in common that a service gave one identifier, as some do with each update."""
        return _digits(self.sender, self.identifier)


class CapAlert(CapReference, frozen=True, kw_only=True):
    """A document."""

    status: CapStatus
    message: MessageType
    scope: CapScope
    references: tuple[CapReference, ...] = ()
    infos: tuple[CapInfo, ...] = ()

    def counts_in(self, kind: str) -> bool:
        """Whether a room of this kind (real, drill, test) heeds it: an exercise is for a drill alone."""
        meant = self.status is CapStatus.ACTUAL or (self.status is CapStatus.EXERCISE and kind == "drill")
        speaks = self.message in (MessageType.ALERT, MessageType.UPDATE, MessageType.CANCEL)
        return meant and speaks and self.scope is CapScope.PUBLIC

    def spoken(self, languages: Sequence[str]) -> tuple[CapInfo, ...]:
        """The infos of the first of these languages in which it says anything, else of the first that it has."""
        heard = dict.fromkeys(info.tongue for info in self.infos)
        chosen = next((one for one in (*languages, *heard) if one in heard), None)
        return tuple(info for info in self.infos if info.tongue == chosen)

    def ends(self, info: CapInfo, now: datetime) -> datetime:
        """When one of its infos, heard ``now``, holds no more; one that says it was sent later was sent now."""
        sent = min(self.sent, now)
        return min(info.expires or sent + LASTS, sent + LONGEST)

    @property
    def ended(self) -> Sequence[CapReference]:
        """The documents that it takes the place of, or ends: those of its own sender alone."""
        if self.message not in (MessageType.UPDATE, MessageType.CANCEL):
            return ()
        return [one for one in self.references if one.sender == self.sender]


def _digits(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def words_of(alert: CapAlert, info: CapInfo) -> Mapping[str, str]:
    """What is kept of its words, by the names of the feed; without what is empty."""
    said = {
        "sender": alert.sender,
        "identifier": alert.identifier,
        "sender_name": info.sender_name or alert.sender,
        "language": info.language,
        "event": info.event,
        "headline": info.headline,
        "description": info.description,
        "instruction": info.instruction,
        "area": info.area_description,
    }
    return {name: words for name, words in said.items() if words}
