"""Perceptual hashes against all others."""

import re
from collections.abc import Iterable, Sequence
from functools import partial

import imagehash
from PIL import Image

from liveroom.domain.complaints.proof import PROOF, REPORT, Facts
from liveroom.log.event_log import EventLog
from liveroom.log.uploads import SimilarUpload, Upload, Uploads, UploadState, ready_after, uploads_of
from liveroom.runtime import Runtime

# How far apart two pictures are by their hashes, and from where on they show the same shot.
#
# Pure arithmetic, for the serving process: hashes are made of pixels by likeness.py, which only a child may do.
# Thresholds and their error rates: docs/proof.md, measured by bench/likeness.py.

BITS = 256
SAME_AT_MOST = 60
HASH = re.compile(f"[0-9a-f]{{{BITS // 4}}}")


def distance(one: Sequence[str], other: Sequence[str], turned: Sequence[str] = ()) -> int:
    """Bits of 256 that differ between the most alike parts: whole against every part, either way round.

    ``turned``: the first one's turned hashes.
    """
    wholes = (one[0], *turned)
    pairs = [*((whole, part) for whole in wholes for part in other), *((part, other[0]) for part in one[1:])]
    return min(((int(a, 16) ^ int(b, 16)).bit_count() for a, b in pairs), default=BITS)


def is_hash(text: str) -> bool:
    """Whether it has the form of one."""
    return HASH.fullmatch(text) is not None


# Perceptual hashes of a picture: of the whole, of its parts and of it turned; similarity.py compares them.

WORK_PX = 256
SIZE = 16
EVEN = (0.0, 0.05, 0.1, 0.15, 0.2)
# Shares of width and height cut off: left, top, right, bottom. The first is the whole.
CUTS = (
    *((share, share, share, share) for share in EVEN),
    (0.0, 0.0, 0.25, 0.0),
    (0.25, 0.0, 0.0, 0.0),
    (0.0, 0.25, 0.0, 0.0),
    (0.0, 0.0, 0.0, 0.25),
    (0.0, 0.0, 0.2, 0.2),
    (0.2, 0.0, 0.0, 0.2),
    (0.0, 0.2, 0.2, 0.0),
    (0.2, 0.2, 0.0, 0.0),
)
WAYS = (
    Image.Transpose.ROTATE_90,
    Image.Transpose.ROTATE_180,
    Image.Transpose.ROTATE_270,
    Image.Transpose.FLIP_LEFT_RIGHT,
)


def hashes_of(picture: Image.Image) -> tuple[str, ...]:
    """The hashes that a picture is kept by: the whole, then its parts, 64 hexadecimal digits each."""
    small = _small(picture)
    return tuple(str(imagehash.phash(_cut(small, cut), hash_size=SIZE)) for cut in CUTS)


def turned_hashes(picture: Image.Image) -> tuple[str, ...]:
    """The whole picture's hash when turned three times and mirrored: the ways in which one is passed off anew."""
    small = _small(picture)
    return tuple(str(imagehash.phash(small.transpose(way), hash_size=SIZE)) for way in WAYS)


def _cut(picture: Image.Image, cut: tuple[float, float, float, float]) -> Image.Image:
    left, top, right, bottom = cut
    width, height = picture.size
    return picture.crop((int(left * width), int(top * height), int((1 - right) * width), int((1 - bottom) * height)))


def _small(picture: Image.Image) -> Image.Image:
    return picture.convert("L").resize((WORK_PX, WORK_PX), Image.Resampling.BILINEAR)


# Holds a picture against all others that are kept: which of them show the same shot.

SLICE = 200
ALIKE_MOST = 5


class SimilarityJob:
    """Reads in slices, so that nobody waits behind a search through all pictures."""

    def __init__(self, log: EventLog, register: Uploads, runtime: Runtime) -> None:
        self._log = log
        self._register = register
        self._runtime = runtime

    def of(self, one: Upload, facts: Facts) -> tuple[SimilarUpload, ...]:
        """The pictures that show the same shot: those of its complaint's reporter first, then the most alike."""
        found, last = list[SimilarUpload](), ""
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


def _alike(one: Upload, facts: Facts, others: Iterable[Upload]) -> list[SimilarUpload]:
    told = (_same(facts, other) for other in others if _tells(one, other))
    return [alike for alike in told if alike is not None]


def _tells(one: Upload, other: Upload) -> bool:
    """Whether a likeness would say anything: a proof sent twice for one complaint is no matter."""
    return other.id != one.id and not (other.kind == PROOF and other.subject == one.subject)


def _best(one: Upload, found: Iterable[SimilarUpload]) -> tuple[SimilarUpload, ...]:
    def order(alike: SimilarUpload) -> tuple[bool, int]:
        return not (alike.complaint == one.subject and alike.kind == REPORT), alike.bits

    return tuple(sorted(found, key=order)[:ALIKE_MOST])


def _same(facts: Facts, other: Upload) -> SimilarUpload | None:
    if other.facts is None:
        return None
    bits = distance(facts.hashes, other.facts.hashes, facts.turned)
    if bits > SAME_AT_MOST:
        return None
    return SimilarUpload(upload=other.id, complaint=other.subject, kind=other.kind, bits=bits)
