"""Similarity of pictures: compares perceptual hashes with those of all pictures that are kept.

Arithmetic on hexadecimal hashes, for the serving process: it loads no image library. The hashes are made of pixels by
picture.py, in the sandboxed child alone. The thresholds and their error rates: docs/proof.md, measured by
bench/likeness.py.
"""

import re
from collections.abc import Iterable, Sequence
from functools import partial

from liveroom.domain.complaints.proof import PROOF, REPORT, Facts
from liveroom.log.event_log import EventLog
from liveroom.log.uploads import SimilarUpload, Upload, Uploads, UploadState, ready_after, uploads_of
from liveroom.runtime import Runtime

BITS = 256
# Two pictures show the same shot when at most so many bits differ.
SAME_AT_MOST = 60
HASH = re.compile(f"[0-9a-f]{{{BITS // 4}}}")
# Uploads that are read at once, so that nobody waits behind a search through all pictures.
SLICE = 200
ALIKE_MOST = 5


def distance(one: Sequence[str], other: Sequence[str], turned: Sequence[str] = ()) -> int:
    """Bits of 256 that differ between the most similar parts: whole against every part, either way round.

    Hashes as in Facts: the whole picture first, then its parts. ``turned``: the turned hashes of ``one``.
    """
    wholes = (one[0], *turned)
    pairs = [*((whole, part) for whole in wholes for part in other), *((part, other[0]) for part in one[1:])]
    return min(((int(a, 16) ^ int(b, 16)).bit_count() for a, b in pairs), default=BITS)


def is_hash(text: str) -> bool:
    """Whether it has the form of a hash."""
    return HASH.fullmatch(text) is not None


class SimilarityJob:
    """Finds the kept pictures that show the same shot as a new one."""

    def __init__(self, log: EventLog, register: Uploads, runtime: Runtime) -> None:
        self._log = log
        self._register = register
        self._runtime = runtime

    def of(self, one: Upload, facts: Facts) -> tuple[SimilarUpload, ...]:
        """At most ALIKE_MOST pictures of the same shot: its own reporter's first, then the most similar."""
        found, last = list[SimilarUpload](), ""
        with self._log.slices() as slices:
            while part := slices.run(partial(ready_after, last=last, limit=SLICE)):
                last = part[-1].id
                found += _alike(one, facts, part)
                self._runtime.sleep(0)
        return _best(one, found)

    def again(self, subject: str) -> None:
        """Compare a complaint's proofs again: the reporter's picture may have come after them, or at the same time."""
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


def _alike(one: Upload, facts: Facts, others: Iterable[Upload]) -> list[SimilarUpload]:
    compared = (_compared(facts, other) for other in others if _worth_comparing(one, other))
    return [alike for alike in compared if alike is not None]


def _worth_comparing(one: Upload, other: Upload) -> bool:
    """A proof that was sent twice for the same complaint is no finding."""
    return other.id != one.id and not (other.kind == PROOF and other.subject == one.subject)


def _best(one: Upload, found: Iterable[SimilarUpload]) -> tuple[SimilarUpload, ...]:
    def order(alike: SimilarUpload) -> tuple[bool, int]:
        return not (alike.complaint == one.subject and alike.kind == REPORT), alike.bits

    return tuple(sorted(found, key=order)[:ALIKE_MOST])


def _compared(facts: Facts, other: Upload) -> SimilarUpload | None:
    if other.facts is None:
        return None
    bits = distance(facts.hashes, other.facts.hashes, facts.turned)
    if bits > SAME_AT_MOST:
        return None
    return SimilarUpload(upload=other.id, complaint=other.subject, kind=other.kind, bits=bits)
