"""What every order goes through, whatever it is about: asked before, known words, texts kept apart, answer kept."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from liveroom.domain.requests import Done, Malformed, Order
from liveroom.log import event_log
from liveroom.log.event_log import Reused
from liveroom.log.texts import Texts
from liveroom.working_set import WorkingSet

Word = TypeVar("Word", bound=StrEnum)


def answered(work: WorkingSet, order: Order) -> Done | None:
    """The answer that this very order got before. Raises Malformed when its id was used for another."""
    try:
        return event_log.answer_of(work.unit.connection, order)
    except Reused as error:
        raise Malformed("command_id", "this id was used for another command") from error


def known(kind: type[Word], word: str, field: str) -> Word:
    """The member of a closed set of words. Raises Malformed."""
    try:
        return kind(word)
    except ValueError as error:
        raise Malformed(field, f"{word!r} is not known") from error


def refuse_unseen(work: WorkingSet, order: Order) -> None:
    """Nobody can have seen what is not logged: such a number is of another log, before a restore. Raises Malformed."""
    if order.seen_seq > work.unit.head.seq:
        raise Malformed("seen_seq", "is beyond the end of this log")


def with_text_ids(raw: Mapping[str, Any], names: Sequence[str], subject: str, draft: Texts) -> dict[str, Any]:
    """The fields with every free text replaced by the id under which ``draft`` keeps it."""
    fields = dict(raw)
    for name in names:
        if fields.get(name):
            fields[name] = draft.add(subject, name, fields[name])
    return fields


def remembered(work: WorkingSet, order: Order, done: Done, first: int) -> Done:
    """Keep the answer beside the events it caused, the first of them numbered ``first``."""
    event_log.remember(work.unit.connection, order, done, first_seq=first, real=work.unit.real)
    return done
