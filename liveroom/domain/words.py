"""Texts as words: how the same word is recognised whatever its case, width or punctuation."""

import re
import unicodedata

LONGEST = 64
_WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """The words of a text in order, small letters and compatibility forms resolved; at most 64 characters of each."""
    return [word[:LONGEST] for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold())]
