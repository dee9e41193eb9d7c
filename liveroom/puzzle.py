"""A client puzzle (proof of work): what a citizen's telephone computes for its report while the words are written.

After Juels and Brainard (1999) and hashcash. The ticket of the form is the challenge: signed, drawn anew for each form,
over after a day, and good for one report, so that nothing has to be kept of what was solved. An effort of n is n
puzzles of ``BITS`` bits, about 16,000 tries each: many small ones take a telephone nearly the same time again and
again, where one large one may take a moment or five times as long; and more effort goes on where less had ended.
The page's ``puzzle_worker.js`` solves them.
"""

from hashlib import sha256
from struct import pack

BITS = 14
# Base 36 of a nonce below 2^32.
LONGEST_NONCE = 7


def is_solved(ticket: str, solution: str, effort: int) -> bool:
    """Whether ``solution`` holds the nonces of the first ``effort`` puzzles of this ticket; a microsecond each.

    ``solution``: nonces in base 36 with dots between; puzzle i is solved by a nonce where SHA-256(SHA-256(
    "liveroom-puzzle:" + ticket) + i + nonce), both as 32 bits, begins with ``BITS`` zero bits.
    """
    nonces = solution.split(".", effort)[:effort]
    if len(nonces) < effort:
        return False
    ground = sha256(f"liveroom-puzzle:{ticket}".encode("utf-8", "surrogatepass")).digest()
    return all(_fits(ground, index, text) for index, text in enumerate(nonces))


def _fits(ground: bytes, index: int, text: str) -> bool:
    if not (text.isascii() and text.isalnum() and len(text) <= LONGEST_NONCE):
        return False
    nonce = int(text, 36)
    if nonce >> 32:
        return False
    found = sha256(ground + pack(">II", index, nonce)).digest()
    return int.from_bytes(found[:4]) >> (32 - BITS) == 0
