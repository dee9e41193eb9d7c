"""Letters of citizens: to which complaint a mail belongs, and its words as those of the citizen who reported that.

A mail belongs to a complaint that it names, by number or by a mail that it answers, only where it comes from the
address that the complaint's reporter has; else it is a report of its own. It never reopens a complaint: thanks come as
answers too, and so do robots that do not say what they are (docs/decisions/0024).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from liveroom.accounts.links import complaint_of_mail, note_mail
from liveroom.domain.requests import IntakeResult
from liveroom.log.engine import Connection
from liveroom.projection.complaints import last_number
from liveroom.projection.search import reported_by
from liveroom.room.commands.apps import further_words
from liveroom.room.commands.complaints import complaint_handler, result_of
from liveroom.room.room import Room
from liveroom.room.transaction import UnitOfWork, settle_complaint

# The last part of a mail's number, as it sorts.
_LOWEST, _HIGHEST = "-2222", "-ZZZZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class CitizenMail:
    """A mail as the room takes it: ``id`` is the number that it has as a complaint, ``sender`` an address or empty.

    What it may belong to: ``named`` numbers of complaints, ``complaints`` by id, and ``answers``, beginnings of the
    numbers of mails. ``words``: what it says as a further word; ``photos``: files as they came.
    """

    id: str
    sender: str
    named: tuple[str, ...] = ()
    complaints: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    words: str = ""
    photos: tuple[bytes, ...] = ()

    @property
    def names_something(self) -> bool:
        """Whether it may belong to a complaint that is there."""
        return bool(self.sender and (self.named or self.complaints or self.answers))


class Correspondence:
    """The mails of one room."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._handler = complaint_handler(room.city.policy)

    def complaint_of(self, letter: CitizenMail, source: str) -> str | None:
        """The id of the complaint that it is a further word on; None where it is a report of its own.

        A word that was taken stays one, whatever became of the complaint: an erasure makes no report of it. So does a
        report, though the mail that it answers came after it.
        """

        def find(connection: Connection) -> str | None:
            known = complaint_of_mail(connection, source, letter.id)
            if known is None and last_number(connection, source, letter.id, letter.id) is None:
                known = _complaint_of(connection, letter, source)
            return known

        return self._room.log.read(find)

    def say(self, letter: CitizenMail, complaint: str, source: str) -> IntakeResult:
        """Note its words once: an answer to a question, else a note for the desk. Raises Unavailable."""

        def act(work: UnitOfWork) -> IntakeResult:
            connection = work.transaction.connection
            new = complaint_of_mail(connection, source, letter.id) is None
            if new:
                note_mail(connection, source, letter.id, complaint)
                known = settle_complaint(work, work.complaint(complaint))
                further_words(work, self._handler, known, letter.words, actor=source, reopens=False)
            return replace(result_of(work.complaint(complaint)), created=new, changed=new)

        return self._room.unit(act)


def _complaint_of(connection: Connection, letter: CitizenMail, source: str) -> str | None:
    """The newest of those that it names and whose reporter sent it."""
    numbers = [*letter.named, *_answered(connection, letter, source)]
    return reported_by(connection, letter.sender, numbers=numbers, ids=letter.complaints)


def _answered(connection: Connection, letter: CitizenMail, source: str) -> Iterator[str]:
    """The numbers of the mails that it answers, as far as they became complaints."""
    for beginning in letter.answers:
        found = last_number(connection, source, beginning + _LOWEST, beginning + _HIGHEST)
        if found is not None:
            yield found
