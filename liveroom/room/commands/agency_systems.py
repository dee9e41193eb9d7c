"""What an agency's own system says of a request that was forwarded to it, as the agency's commands on the complaint.

A word becomes what it claims and never more: work that is accepted or begun, a proof that a person here has to judge, a
decline. What the rules do not allow just now, and what is only said, is a comment. Nothing is closed by it: another
system's word is no proof that was validated (docs/decisions/0021-what-an-agencys-system-may-say.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from liveroom.domain.complaints.model import Complaint, State
from liveroom.domain.fields import TEXT_MAX
from liveroom.domain.requests import AGENCY_SYSTEM, Command, CommandName, Malformed, Refused, Role
from liveroom.log import outbox
from liveroom.log.outbox import AgencyRequest
from liveroom.log.texts import erased, new_id
from liveroom.projection.complaints import complaints
from liveroom.room.commands.complaints import complaint_handler
from liveroom.room.room import Room
from liveroom.room.transaction import UnitOfWork, settle_complaint
from liveroom.runtime.language import text

# Words of GeoReport, FixMyStreet and CitySDK by what they claim. ``open`` claims nothing: a request that lies in a
# system has been accepted by nobody.
ACCEPTED = frozenset({"accepted", "acknowledged", "assigned", "investigating", "action_scheduled", "planned"})
BEGUN = frozenset({"in_progress", "started", "working"})
DONE = frozenset({"closed", "fixed", "resolved", "completed", "complete", "done"})
DECLINED = frozenset({"not_councils_responsibility", "no_further_action", "rejected", "cancelled", "canceled"})
NOTHING = frozenset({"", "open", "unchanged"})
# The commands that carry the system's own words.
WITH_WORDS = frozenset({CommandName.SUBMIT_PROOF, CommandName.DECLINE})
STARTABLE = frozenset({State.FORWARDED, State.ACCEPTED})
# A word takes so many commands at most: accept, begin, prove, comment.
MOST_STEPS = 4
# Complaints that are read at once.
AT_ONCE = 500
MOST_MEDIA = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemWord:
    """One thing that a system says: ``heard`` is what it will have said then, ``word`` its status, ``words`` beside it,
    ``media`` links to pictures. ``again``: it said this word last time too.
    """

    heard: str
    word: str
    words: str = ""
    media: tuple[str, ...] = ()
    again: bool = False


class AgencySystemCommands:
    """What agencies' systems do in one room."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._language = room.city.languages[0]
        self._handler = complaint_handler(room.city.policy)

    def still_followed(self, requests: Sequence[AgencyRequest]) -> tuple[AgencyRequest, ...]:
        """Those whose complaint is open and their agency's; the others are followed no more. Raises Unavailable."""
        ids = sorted({one.complaint for one in requests})
        known: dict[str, Complaint] = {}
        for start in range(0, len(ids), AT_ONCE):
            some = self._room.log.read(partial(complaints, ids=ids[start : start + AT_ONCE]))
            known |= {one.id: one for one in some}
        over = {one.delivery for one in requests if one.complaint in known and not _goes_on(known[one.complaint], one)}
        if over:
            self._room.log.touch(lambda c: outbox.note_over(c, over))
        return tuple(one for one in requests if one.delivery not in over)

    def hear(self, delivery: str, said: SystemWord) -> None:
        """Do once what a system says of the request of this delivery; the same again does nothing.

        Each command is a transaction, and the last one keeps what was heard: whoever dies in between hears it again and
        finds the first ones done. Raises Unavailable.
        """
        for _ in range(MOST_STEPS):
            if self._room.unit(lambda work: self._step(work, delivery, said)):
                return

    def _step(self, work: UnitOfWork, delivery: str, said: SystemWord) -> bool:
        """The next command; True once there is no further one."""
        connection = work.transaction.connection
        request = outbox.agency_request_of(connection, delivery)
        if request is None or request.heard == said.heard:
            return True
        known = work.fold.complaint(request.complaint)
        if known is None or not _goes_on(known, request) or erased(connection, known.id):
            outbox.note_request(connection, delivery, over=1)
            return True
        known = settle_complaint(work, known)
        claims = _claims(known, request.agency, said.word)
        done = not claims or self._gives(work, request, claims[0], said)
        if done and len(claims) > 1:
            return False
        told = done and bool(claims) and claims[0] in WITH_WORDS
        news = not said.again and (not done or _is_news(known, request, said.word))
        if not told and (said.words or news):
            self._gives(work, request, CommandName.COMMENT, said)
        outbox.note_request(connection, delivery, heard=said.heard)
        return True

    def _gives(self, work: UnitOfWork, request: AgencyRequest, name: CommandName, said: SystemWord) -> bool:
        """Whether the rules allow the command now; then it is done."""
        command = Command(
            command_id=new_id(),
            name=name.value,
            subject=request.complaint,
            actor=AGENCY_SYSTEM,
            role=Role.AGENCY.value,
            actor_agency=request.agency,
            seen_seq=work.transaction.head.seq,
            fields=self._fields(name, said),
        )
        try:
            self._handler.execute(work, command)
        except (Refused, Malformed):
            return False
        return True

    def _fields(self, name: CommandName, said: SystemWord) -> Mapping[str, Any]:
        status = text("agency_system.status", self._language, word=said.word or "-")
        words = "\n".join(part for part in (status, said.words.replace("\0", "")) if part)[:TEXT_MAX]
        match name:
            case CommandName.SUBMIT_PROOF:
                links = [link for link in said.media if link.startswith("https://")]
                return {"note": words, "media": links[:MOST_MEDIA]}
            case CommandName.DECLINE:
                return {"reason": words}
            case CommandName.COMMENT:
                return {"text": words}
            case _:
                return {}


def _goes_on(complaint: Complaint, request: AgencyRequest) -> bool:
    """Whether what its system says of the request still counts."""
    return complaint.open and request.agency in complaint.agencies


def _claims(complaint: Complaint, agency: str, word: str) -> tuple[CommandName, ...]:
    """The commands that would make true what the word claims and is not true yet, in order."""
    accept = () if agency in complaint.accepted_by else (CommandName.ACCEPT,)
    if word in ACCEPTED:
        return accept
    if word in BEGUN:
        return (*accept, *((CommandName.START,) if complaint.state in STARTABLE else ()))
    if word in DONE:
        return () if agency in complaint.proved_by else (*accept, CommandName.SUBMIT_PROOF)
    return (CommandName.DECLINE,) if word in DECLINED else ()


def _is_news(complaint: Complaint, request: AgencyRequest, word: str) -> bool:
    """Whether a word that moves nothing is to be told: one that nobody here knows, or open again after a proof."""
    known = word in ACCEPTED | BEGUN | DONE | DECLINED | NOTHING
    again = request.heard is not None and request.agency in complaint.proved_by and word not in DONE
    return not known or again
