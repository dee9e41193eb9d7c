"""Holds a picture against all others that are kept: which of them show the same shot."""

from collections.abc import Iterable
from functools import partial

from liveroom.domain.complaints.proof import PROOF, REPORT, Facts
from liveroom.log.event_log import Log
from liveroom.log.uploads import Alike, Upload, Uploads, UploadState, ready_after, uploads_of
from liveroom.media.similarity import SAME_AT_MOST, distance
from liveroom.runtime import Runtime

SLICE = 200
ALIKE_MOST = 5


class Likening:
    """Reads in slices, so that nobody waits behind a search through all pictures."""

    def __init__(self, log: Log, register: Uploads, runtime: Runtime) -> None:
        self._log = log
        self._register = register
        self._runtime = runtime

    def of(self, one: Upload, facts: Facts) -> tuple[Alike, ...]:
        """The pictures that show the same shot: those of its complaint's reporter first, then the most alike."""
        found, last = list[Alike](), ""
        with self._log.slices() as slices:
            while part := slices.run(partial(ready_after, last=last, limit=SLICE)):
                last = part[-1].id
                found += _alike(one, facts, part)
                self._runtime.sleep(0)
        return _best(one, found)

    def again(self, subject: str) -> None:
        """Judge a complaint's proofs anew: the reporter's picture may have come after them, or at the same time."""
        if not subject:
            return
        mine = [one for one in self._log.read(lambda c: uploads_of(c, subject)) if one.state is UploadState.READY]
        reports = [one for one in mine if one.kind == REPORT]
        for proof in mine:
            if proof.kind != PROOF or proof.facts is None:
                continue
            known = {alike.upload for alike in proof.alike}
            new = [alike for alike in _alike(proof, proof.facts, reports) if alike.upload not in known]
            if new:
                self._register.liken(proof.id, _best(proof, [*new, *proof.alike]))


def _alike(one: Upload, facts: Facts, others: Iterable[Upload]) -> list[Alike]:
    told = (_same(facts, other) for other in others if _tells(one, other))
    return [alike for alike in told if alike is not None]


def _tells(one: Upload, other: Upload) -> bool:
    """Whether a likeness would say anything: a proof sent twice for one complaint is no matter."""
    return other.id != one.id and not (other.kind == PROOF and other.subject == one.subject)


def _best(one: Upload, found: Iterable[Alike]) -> tuple[Alike, ...]:
    def order(alike: Alike) -> tuple[bool, int]:
        return not (alike.complaint == one.subject and alike.kind == REPORT), alike.bits

    return tuple(sorted(found, key=order)[:ALIKE_MOST])


def _same(facts: Facts, other: Upload) -> Alike | None:
    if other.facts is None:
        return None
    bits = distance(facts.hashes, other.facts.hashes, facts.turned)
    if bits > SAME_AT_MOST:
        return None
    return Alike(upload=other.id, complaint=other.subject, kind=other.kind, bits=bits)
