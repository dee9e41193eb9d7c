"""The payload of each event about a hazard; docs/events.md says what each field means.

The words of a warning are in the row of its document (`hazard_document`), never in the log.
"""

from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from liveroom.domain.events.kinds import Kind, Payload


class HazardFact(Payload, frozen=True, kw_only=True):
    """What an event says of a hazard."""


class HazardState(HazardFact, frozen=True, kw_only=True):
    """A hazard that is in force now, until it expires.

    ``document``: the id of its row; ``onset``: when it is expected to begin; ``areas``: those of the city that it
    touches; ``polygons``: its shape near the city, as GeoJSON has a MultiPolygon.
    """

    document: str
    source: str
    severity: str
    urgency: str
    certainty: str
    sent: str
    onset: str | UnsetType = UNSET
    expires: str
    areas: Sequence[str]
    polygons: Sequence[Sequence[Sequence[Sequence[float]]]]


class HazardIssued(HazardState, frozen=True, kw_only=True):
    """A service warns of it."""

    KIND = Kind.HAZARD_ISSUED


class HazardUpdated(HazardState, frozen=True, kw_only=True):
    """It takes the place of others, by their ids; of none where they were never heard or are over."""

    KIND = Kind.HAZARD_UPDATED
    replaces: Sequence[str]


class HazardCancelled(HazardFact, frozen=True, kw_only=True):
    """The document ``by`` ended it; ``why``: cancel, or update where the newer one does not touch the city."""

    KIND = Kind.HAZARD_CANCELLED
    by: str
    why: str


class HazardExpired(HazardFact, frozen=True, kw_only=True):
    """Its own time was over."""

    KIND = Kind.HAZARD_EXPIRED


HazardPayload = HazardIssued | HazardUpdated | HazardCancelled | HazardExpired
