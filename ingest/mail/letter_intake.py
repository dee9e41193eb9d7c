"""Mails into the room: a new complaint each, or a further word on the one that it answers, and the photos of either.

All of it may be done again after a kill: a complaint is known by its number, a word by the mail's, and a photo by the
mail and its place in it.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha256
from io import BytesIO

from ingest.pull import Item, TryLater
from liveroom.domain.complaints.intake import Report
from liveroom.domain.requests import IntakeResult, Malformed
from liveroom.log.texts import erased
from liveroom.log.uploads import Upload, UploadState, uploads_of
from liveroom.media.uploads import UploadPipeline
from liveroom.room.commands.correspondence import CitizenMail, Correspondence
from liveroom.room.room import Room
from liveroom.runtime.disk import DiskFull

Answer = IntakeResult | Malformed
Taken = Sequence[tuple[Item, Report]]


class LetterIntake:
    """Takes what came by mail into one room; ``uploads``: the pipeline of its photos."""

    def __init__(self, room: Room, uploads: UploadPipeline) -> None:
        self._log = room.log
        self._mail = Correspondence(room)
        self._uploads = uploads

    def accept(self, some: Taken, source: str, take: Callable[[list[Report]], Sequence[Answer]]) -> list[Answer]:
        """One answer each, in order; ``take`` accepts reports. Raises TryLater where there is no room for photos."""
        answers: dict[int, Answer] = {}
        waiting: list[int] = []

        def flush() -> None:
            answers.update(zip(waiting, take([some[n][1] for n in waiting]) if waiting else (), strict=True))
            waiting.clear()

        for number, (item, _) in enumerate(some):
            letter = item.letter
            if letter is not None and letter.names_something:
                flush()  # it may answer one that came with it
                known = self._mail.complaint_of(letter, source)
                if known is not None:
                    answers[number] = self._mail.say(letter, known, source)
                    continue
            waiting.append(number)
        flush()
        for number, (item, _) in enumerate(some):
            answer = answers[number]
            if item.letter is not None and isinstance(answer, IntakeResult):
                self._attach(answer.id, item.letter)
        return [answers[number] for number in range(len(some))]

    def _attach(self, complaint: str, letter: CitizenMail) -> None:
        """Give a complaint the photos of a mail, each once. Nothing of an erased complaint comes back."""
        if not letter.photos or self._log.read(lambda c: erased(c, complaint)):
            return
        there = {one.by: one for one in self._log.read(lambda c: uploads_of(c, complaint))}
        for number, photo in enumerate(letter.photos):
            by = f"mail:{sha256(letter.id.encode()).hexdigest()[:32]}:{number}"
            try:
                self._keep(complaint, by, photo, there.get(by))
            except DiskFull as error:
                raise TryLater("the disk has no room for the photos of a mail") from error

    def _keep(self, complaint: str, by: str, photo: bytes, known: Upload | None) -> None:
        """Send a photo the way of a citizen's own, from where an earlier try ended. Raises DiskFull."""
        if known is not None and known.state is not UploadState.OPEN:
            return
        content, length = BytesIO(photo), len(photo)
        if known is not None:
            with suppress(ValueError):  # its beginning lies on another machine, or is gone
                content.seek(self._uploads.offset(known))
                self._uploads.append(known, content.tell(), content.read)
                return
            self._uploads.end(known)
            content.seek(0)
        one = self._uploads.begin(subject=complaint, kind="report", by=by, length=length)
        self._uploads.append(one, 0, content.read)
