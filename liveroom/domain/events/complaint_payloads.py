"""The payload of each event about a complaint; docs/events.md says what each field means."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from liveroom.domain.events.kinds import Kind, Payload

# By stage, the deadlines that the event set (None: none any more), as ``complaints.model.as_payload`` writes them.
DeadlineRows = Mapping[str, Mapping[str, Any] | None]


class ComplaintFact(Payload, frozen=True, kw_only=True):
    """What an event says of a complaint."""


class ComplaintReceived(ComplaintFact, frozen=True, kw_only=True):
    """A report became a complaint; ``hash`` is the report's, the last three are ids of rows."""

    KIND = Kind.RECEIVED
    source: str
    source_id: str
    hash: str
    category: str
    class_: str = msgspec.field(name="class")
    priority: str
    drill: bool
    day: str
    in_city: bool = False
    channel: str | None = None
    reported_at: str | None = None
    updated_at: str | None = None
    area: str | None = None
    lat: float | None = None
    lon: float | None = None
    deadlines: DeadlineRows = msgspec.field(default_factory=dict)
    texts: Mapping[str, str] = msgspec.field(default_factory=dict)
    person: str | None = None
    media: Sequence[str] = ()


class ComplaintCodes(ComplaintFact, frozen=True, kw_only=True):
    """The codes, place and deadlines that an event changed; the others are UNSET."""

    channel: str | UnsetType | None = UNSET
    category: str | UnsetType | None = UNSET
    class_: str | UnsetType = msgspec.field(name="class", default=UNSET)
    priority: str | UnsetType = UNSET
    agency: str | UnsetType | None = UNSET
    area: str | UnsetType | None = UNSET
    lat: float | UnsetType | None = UNSET
    lon: float | UnsetType | None = UNSET
    in_city: bool | UnsetType = UNSET
    reported_at: str | UnsetType | None = UNSET
    deadlines: DeadlineRows | UnsetType = UNSET


class ComplaintAmended(ComplaintCodes, frozen=True, kw_only=True):
    """Its source sent an update: what changed, and the ids of the new rows."""

    KIND = Kind.AMENDED
    hash: str
    updated_at: str | None = None
    texts: Mapping[str, str] = msgspec.field(default_factory=dict)
    person: str | None = None
    media: Sequence[str] = ()


class ComplaintTriaged(ComplaintCodes, frozen=True, kw_only=True):
    """An officer set codes or place; no source overwrites the fields named in ``officer_set`` from now on."""

    KIND = Kind.TRIAGED
    officer_set: Sequence[str] = msgspec.field(name="set")


class ComplaintReplanned(ComplaintCodes, frozen=True, kw_only=True):
    """The city promises otherwise."""

    KIND = Kind.REPLANNED


class ComplaintErased(ComplaintCodes, frozen=True, kw_only=True):
    """Personal data is gone: of the ``person`` or ``all``; what is blanked in the complaint."""

    KIND = Kind.ERASED
    what: str


Correction = ComplaintAmended | ComplaintTriaged | ComplaintReplanned | ComplaintErased


class ComplaintForwarded(ComplaintFact, frozen=True, kw_only=True):
    """With its agencies; ``agency`` leads."""

    KIND = Kind.FORWARDED
    agency: str
    agencies: Sequence[str]
    deadlines: DeadlineRows | UnsetType = UNSET


class AgencyPart(ComplaintFact, frozen=True, kw_only=True):
    """A step of one agency; only that of the ``lead`` moves the complaint."""

    agency: str
    lead: bool


class ComplaintAccepted(AgencyPart, frozen=True, kw_only=True):
    """An agency took it on."""

    KIND = Kind.ACCEPTED


class ComplaintDeclined(AgencyPart, frozen=True, kw_only=True):
    """An agency did not take it on; ``next`` is the one intended now."""

    KIND = Kind.DECLINED
    next: str | None
    reason: str | None = None


class ComplaintStarted(AgencyPart, frozen=True, kw_only=True):
    """The work began."""

    KIND = Kind.STARTED


class ProofSubmitted(AgencyPart, frozen=True, kw_only=True):
    """An agency says it is done."""

    KIND = Kind.PROOF_SUBMITTED
    note: str | None = None
    media: Sequence[str] = ()


AgencyStep = ComplaintAccepted | ComplaintDeclined | ComplaintStarted | ProofSubmitted


class ComplaintCoordinated(ComplaintFact, frozen=True, kw_only=True):
    """Other helpers beside the lead, who comes first."""

    KIND = Kind.COORDINATED
    agencies: Sequence[str]


class ComplaintAsked(ComplaintFact, frozen=True, kw_only=True):
    """A question to the citizen; ``stops``: the deadlines stand still until the answer."""

    KIND = Kind.ASKED
    text: str | None = None
    stops: bool


class ComplaintAnswered(ComplaintFact, frozen=True, kw_only=True):
    """The citizen's answer ended the pause."""

    KIND = Kind.ANSWERED
    text: str | None = None
    deadlines: DeadlineRows | UnsetType = UNSET


class ComplaintHeld(ComplaintFact, frozen=True, kw_only=True):
    """Held until a moment; the deadlines are where its end will put them."""

    KIND = Kind.HELD
    reason: str | None = None
    until: str
    stops: bool
    deadlines: DeadlineRows | UnsetType = UNSET


class ComplaintResumed(ComplaintFact, frozen=True, kw_only=True):
    """The pause is over; with deadlines if they stood still and it ended other than planned."""

    KIND = Kind.RESUMED
    deadlines: DeadlineRows | UnsetType = UNSET


PauseEnd = ComplaintAnswered | ComplaintResumed


class ProofReleased(ComplaintFact, frozen=True, kw_only=True):
    """Guests may see these two uploads."""

    KIND = Kind.PROOF_RELEASED
    before: str | None = None
    after: str | None


class ProofWithdrawn(ComplaintFact, frozen=True, kw_only=True):
    """They may not any more."""

    KIND = Kind.PROOF_WITHDRAWN


class ComplaintSentBack(ComplaintFact, frozen=True, kw_only=True):
    """The lead's proof did not convince."""

    KIND = Kind.SENT_BACK
    reason: str | None = None


class ComplaintEnded(ComplaintFact, frozen=True, kw_only=True):
    """Whatever ends a complaint: the city's date on which it did."""

    closed_day: str


class ComplaintValidated(ComplaintEnded, frozen=True, kw_only=True):
    """The proof was accepted; done."""

    KIND = Kind.VALIDATED


class ComplaintClosed(ComplaintEnded, frozen=True, kw_only=True):
    """Done without validation: by decision, by its source (``imported``), or ``with_`` the one it was merged into."""

    KIND = Kind.CLOSED
    reason: str | UnsetType | None = UNSET
    without_proof: bool | UnsetType = UNSET
    imported: bool | UnsetType = UNSET
    with_: str | UnsetType = msgspec.field(name="with", default=UNSET)


class ComplaintReferred(ComplaintEnded, frozen=True, kw_only=True):
    """Not the city's: passed to an outside body."""

    KIND = Kind.REFERRED
    outside: str
    reason: str | None = None


class ComplaintRejected(ComplaintEnded, frozen=True, kw_only=True):
    """Nothing that the room can act on."""

    KIND = Kind.REJECTED
    reason: str | None = None


class ComplaintMerged(ComplaintEnded, frozen=True, kw_only=True):
    """Part of another complaint; ``from_``: it was part of that one, which was merged on."""

    KIND = Kind.MERGED
    into: str
    from_: str | UnsetType = msgspec.field(name="from", default=UNSET)


End = ComplaintValidated | ComplaintClosed | ComplaintReferred | ComplaintRejected | ComplaintMerged


class ComplaintReturned(ComplaintFact, frozen=True, kw_only=True):
    """Whatever brings a complaint back that had ended: its state and deadlines now."""

    state: str
    deadlines: DeadlineRows | UnsetType = UNSET


class ComplaintReopened(ComplaintReturned, frozen=True, kw_only=True):
    """Back to waiting."""

    KIND = Kind.REOPENED
    reason: str | None = None


class ComplaintSplit(ComplaintReturned, frozen=True, kw_only=True):
    """Separate again from the one it was merged into."""

    KIND = Kind.SPLIT


class ComplaintAbsorbed(ComplaintFact, frozen=True, kw_only=True):
    """These were merged into it."""

    KIND = Kind.ABSORBED
    children: Sequence[str]


class ComplaintReleased(ComplaintFact, frozen=True, kw_only=True):
    """One that was merged into it, or was done with it, stands alone again."""

    KIND = Kind.RELEASED
    child: str


class ComplaintCommented(ComplaintFact, frozen=True, kw_only=True):
    """An internal note; with ``answer_by`` a question, with ``answers`` one that answers those (ids of texts)."""

    KIND = Kind.COMMENTED
    text: str | None = None
    answer_by: str | UnsetType = UNSET
    answers: Sequence[str] | UnsetType = UNSET


class ComplaintReplied(ComplaintFact, frozen=True, kw_only=True):
    """An answer to the citizen."""

    KIND = Kind.REPLIED
    text: str | None = None


class ComplaintRated(ComplaintFact, frozen=True, kw_only=True):
    """The citizen's judgement, 1 to 5."""

    KIND = Kind.RATED
    score: int
    text: str | None = None


class ComplaintClaimed(ComplaintFact, frozen=True, kw_only=True):
    """The actor looks into it, until a moment at most."""

    KIND = Kind.CLAIMED
    until: str


class ComplaintUnclaimed(ComplaintFact, frozen=True, kw_only=True):
    """The claim ended."""

    KIND = Kind.UNCLAIMED


class ComplaintExtended(ComplaintFact, frozen=True, kw_only=True):
    """A later finish."""

    KIND = Kind.EXTENDED
    reason: str | None = None
    deadlines: DeadlineRows


class DeadlineMark(ComplaintFact, frozen=True, kw_only=True):
    """What a deadline came to: of the ``stage`` reached, or of all ``stages`` found behind at once.

    ``inherited``: when the complaint came in, or by a new policy; ``agency`` has it or usually would. ``late``: when
    the time to forward ran again.
    """

    stage: str
    due_at: str | None = None
    stages: Sequence[str] | UnsetType = UNSET
    inherited: bool | UnsetType = UNSET
    late: bool | UnsetType = UNSET
    agency: str | UnsetType | None = UNSET


class DeadlineWarned(DeadlineMark, frozen=True, kw_only=True):
    """Most of the allowed time has run."""

    KIND = Kind.DEADLINE_WARNED


class DeadlinePassed(DeadlineMark, frozen=True, kw_only=True):
    """A promise was broken; ``warned`` are stages near their end, ``multiplied`` says how many multiples had run."""

    KIND = Kind.DEADLINE_PASSED
    warned: Sequence[str] | UnsetType = UNSET
    multiplied: Mapping[str, int] | UnsetType = UNSET


class DeadlineMultiplied(ComplaintFact, frozen=True, kw_only=True):
    """``percent`` of the allowed time have run; the office ``recipient`` is notified."""

    KIND = Kind.DEADLINE_MULTIPLIED
    stage: str
    due_at: str | None = None
    percent: int | None = None
    recipient: str | None = None


Mark = DeadlineWarned | DeadlinePassed | DeadlineMultiplied

# Closed: the type checker finds one that `complaints.evolve` does not fold.
ComplaintPayload = (
    ComplaintReceived
    | Correction
    | ComplaintForwarded
    | AgencyStep
    | ComplaintCoordinated
    | ComplaintAsked
    | ComplaintHeld
    | PauseEnd
    | ProofReleased
    | ProofWithdrawn
    | ComplaintSentBack
    | End
    | ComplaintReopened
    | ComplaintSplit
    | ComplaintAbsorbed
    | ComplaintReleased
    | ComplaintCommented
    | ComplaintReplied
    | ComplaintRated
    | ComplaintClaimed
    | ComplaintUnclaimed
    | ComplaintExtended
    | Mark
)
