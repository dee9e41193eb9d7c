"""How far apart two pictures are by their hashes, and from where on they show the same shot.

Pure arithmetic, for the serving process: hashes are made of pixels by likeness.py, which only a child may do.
Thresholds and their error rates: docs/proof.md, measured by bench/likeness.py.
"""

import re
from collections.abc import Sequence

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
