"""The payload of each event about the room, its feed and its outbox; docs/events.md says what each field means."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import UNSET, UnsetType

from liveroom.domain.events.kinds import Kind, Payload


class RoomFact(Payload, frozen=True, kw_only=True):
    """What an event says of the room as a whole."""


class DayOpened(RoomFact, frozen=True, kw_only=True):
    """The city's day began."""

    KIND = Kind.DAY_OPENED
    date: str


class ClockRepaired(RoomFact, frozen=True, kw_only=True):
    """The clock had been ahead; `clock_repair.ClockRepair` holds the same as moments."""

    KIND = Kind.CLOCK_REPAIRED
    was: str
    was_real: str
    now_real: str
    first: int
    date: str
    epoch: str
    links: str


class PolicyChanged(RoomFact, frozen=True, kw_only=True):
    """A changed city pack, by its hash, is brought to what is open; ``reason`` is the id of a text."""

    KIND = Kind.POLICY_CHANGED
    pack: str
    reason: str | None = None


# Floods of alarms and surges of complaints.


class FloodBegan(RoomFact, frozen=True, kw_only=True):
    """More alarms in ten minutes than a position can work on."""

    KIND = Kind.FLOOD_BEGAN
    count: int


class FloodEnded(RoomFact, frozen=True, kw_only=True):
    """Few enough again."""

    KIND = Kind.FLOOD_ENDED


class SurgeState(RoomFact, frozen=True, kw_only=True):
    """A surge as it stands; ``since``: of its first complaint, else it began with the event."""

    id: str
    category: str
    areas: Sequence[str]
    n: int
    since: str | UnsetType = UNSET


class SurgeBegan(SurgeState, frozen=True, kw_only=True):
    """Many complaints of one category in neighbouring areas."""

    KIND = Kind.SURGE_BEGAN


class SurgeGrown(SurgeState, frozen=True, kw_only=True):
    """More of them, or further."""

    KIND = Kind.SURGE_GROWN


class SurgeEnded(RoomFact, frozen=True, kw_only=True):
    """Less than half of what makes one."""

    KIND = Kind.SURGE_ENDED
    id: str


# What a desk orders for all screens; ``until_real`` is real time, and nothing is logged when it comes.


class SilenceBegan(RoomFact, frozen=True, kw_only=True):
    """No sound for alarms that exist already."""

    KIND = Kind.SILENCE_BEGAN
    until_real: str


class FreezeBegan(RoomFact, frozen=True, kw_only=True):
    """No flashing."""

    KIND = Kind.FREEZE_BEGAN
    until_real: str


class FreezeEnded(RoomFact, frozen=True, kw_only=True):
    """Flashing again before its time."""

    KIND = Kind.FREEZE_ENDED


class SceneHeld(RoomFact, frozen=True, kw_only=True):
    """The walls show this scene."""

    KIND = Kind.SCENE_HELD
    scene: str
    until_real: str


class SceneReleased(RoomFact, frozen=True, kw_only=True):
    """They take turns again before its time."""

    KIND = Kind.SCENE_RELEASED


class SoundTested(RoomFact, frozen=True, kw_only=True):
    """The speaking screen plays the sound of priority 1 once."""

    KIND = Kind.SOUND_TESTED
    until_real: str


class ShowBegan(RoomFact, frozen=True, kw_only=True):
    """The walls call a complaint out on the map."""

    KIND = Kind.SHOW_BEGAN
    complaint: str
    until_real: str


class VisitBegan(RoomFact, frozen=True, kw_only=True):
    """Guests are here; ``welcome`` is the id of a text."""

    KIND = Kind.VISIT_BEGAN
    until_real: str
    welcome: str | UnsetType | None = UNSET


class VisitEnded(RoomFact, frozen=True, kw_only=True):
    """Guests are gone before its time."""

    KIND = Kind.VISIT_ENDED


# A shift: its sound test and its handover.


class SoundAsked(RoomFact, frozen=True, kw_only=True):
    """A shift began; somebody is to confirm the sound by ``until``, room time."""

    KIND = Kind.SOUND_ASKED
    shift: str
    until: str


class SoundConfirmed(RoomFact, frozen=True, kw_only=True):
    """The actor heard it; for the shift since when, both None where none was asked for."""

    KIND = Kind.SOUND_CONFIRMED
    shift: str | None = None
    since: str | None = None


class SoundMissed(RoomFact, frozen=True, kw_only=True):
    """Nobody confirmed in time."""

    KIND = Kind.SOUND_MISSED
    shift: str | None = None
    since: str | None = None


class HandoverOffered(RoomFact, frozen=True, kw_only=True):
    """A shift is offered, ``to`` None for any colleague; ``note`` is the id of a text.

    It was the events in (``since_seq``, ``up_to_seq``]: the first is that of the last shift that was taken.
    """

    KIND = Kind.HANDOVER_OFFERED
    to: str | None = None
    note: str | None = None
    alarms: Sequence[str]
    counts: Mapping[str, int]
    since_seq: int | UnsetType = UNSET
    up_to_seq: int | UnsetType = UNSET


class HandoverConfirmed(RoomFact, frozen=True, kw_only=True):
    """The actor took the shift that ``from_`` offered with event ``offer_seq``, as it stood at ``up_to_seq``."""

    KIND = Kind.HANDOVER_CONFIRMED
    from_: str = msgspec.field(name="from")
    to: str | None = None
    counts: Mapping[str, int] | None = None
    offer_seq: int | UnsetType = UNSET
    since_seq: int | UnsetType = UNSET
    up_to_seq: int | UnsetType = UNSET


# Outages of the feed, as the screens report them once they are back.


class FeedOutage(RoomFact, frozen=True, kw_only=True):
    """The stretch of real time in which no screen had data."""

    from_real: str
    to_real: str


class FeedLost(FeedOutage, frozen=True, kw_only=True):
    """Its begin."""

    KIND = Kind.FEED_LOST


class FeedBack(FeedOutage, frozen=True, kw_only=True):
    """Its end."""

    KIND = Kind.FEED_BACK


# The outbox. A delivery's events are about its complaint, or about the room where it has none.


class DeliveryFact(Payload, frozen=True, kw_only=True):
    """What an event says of one delivery: its id, its receiver, and the agency if that is one."""

    delivery: str
    to: str
    agency: str | None = None


class OutboxSent(DeliveryFact, frozen=True, kw_only=True):
    """The receiver has what an event of the kind ``cause`` owed it."""

    KIND = Kind.OUTBOX_SENT
    channel: str
    cause: str


class OutboxKnown(DeliveryFact, frozen=True, kw_only=True):
    """The actor knows of it: no alarm until then; ``reason`` is the id of a text."""

    KIND = Kind.OUTBOX_KNOWN
    until: str
    reason: str | None = None


class OutboxResent(DeliveryFact, frozen=True, kw_only=True):
    """The actor had it sent again."""

    KIND = Kind.OUTBOX_RESENT


class OutboxCause(RoomFact, frozen=True, kw_only=True):
    """What keeps deliveries back: a receiver, or a server ``to`` that many share; ``id`` is that of its notice."""

    id: str
    to: str
    agency: str | None = None


class OutboxBacklog(OutboxCause, frozen=True, kw_only=True):
    """How many it keeps back, those of which agencies, and since when."""

    agencies: Sequence[str] | UnsetType = UNSET
    n: int
    since: str


class OutboxStuck(OutboxBacklog, frozen=True, kw_only=True):
    """Deliveries did not succeed within the time allowed."""

    KIND = Kind.OUTBOX_STUCK


class OutboxCounted(OutboxBacklog, frozen=True, kw_only=True):
    """More of them, or fewer."""

    KIND = Kind.OUTBOX_COUNTED


class OutboxRecovered(OutboxCause, frozen=True, kw_only=True):
    """None any more, or somebody knows of all."""

    KIND = Kind.OUTBOX_RECOVERED


class OutboxReleased(RoomFact, frozen=True, kw_only=True):
    """The actor released the ``n`` deliveries that a restore had held."""

    KIND = Kind.OUTBOX_RELEASED
    n: int


class ReportMade(RoomFact, frozen=True, kw_only=True):
    """A report was printed by the schedule's entry ``entry`` and goes to its readers.

    ``report``: daily, weekly or monthly, of the days ``first`` to ``last``, in ``language``, of one ``agency`` or all.
    Its figures are those of the log up to ``position``, and ``fingerprint`` is their hash; ``file`` is the PDF's.
    ``due``: when it should have been made; ``late``: it was not, since the room stood still. ``to``: kind and key of
    each reader.
    """

    KIND = Kind.REPORT_MADE
    id: str
    entry: str
    report: str
    first: str
    last: str
    language: str
    agency: str | None = None
    position: int
    fingerprint: str
    file: str
    due: str
    late: bool = False
    to: Sequence[Sequence[str]]


OrderPayload = (
    SilenceBegan
    | FreezeBegan
    | FreezeEnded
    | SceneHeld
    | SceneReleased
    | SoundTested
    | SoundConfirmed
    | ShowBegan
    | VisitBegan
    | VisitEnded
)
DeliveryPayload = OutboxSent | OutboxKnown | OutboxResent
# Closed, without those of a delivery, which may be about a complaint.
RoomPayload = (
    DayOpened
    | ClockRepaired
    | PolicyChanged
    | FloodBegan
    | FloodEnded
    | SurgeBegan
    | SurgeGrown
    | SurgeEnded
    | OrderPayload
    | SoundAsked
    | SoundMissed
    | HandoverOffered
    | HandoverConfirmed
    | FeedLost
    | FeedBack
    | OutboxStuck
    | OutboxCounted
    | OutboxRecovered
    | OutboxReleased
    | ReportMade
)
