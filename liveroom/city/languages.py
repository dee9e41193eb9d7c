"""What a matcher of words has to know of a language: what may hang on a word, and what announces a place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SHORTEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """``prefixes`` and ``suffixes`` longest first; ``area`` and ``district`` are words before a place's name.

    ``polite``: words of greetings, which are no form of another word.
    """

    prefixes: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    area: frozenset[str] = frozenset()
    district: frozenset[str] = frozenset()
    polite: frozenset[str] = frozenset()


LANGUAGES: Mapping[str, Language] = {
    "id": Language(
        prefixes=(
            "meng",
            "meny",
            "peng",
            "peny",
            "mem",
            "men",
            "pem",
            "pen",
            "ber",
            "ter",
            "per",
            "me",
            "di",
            "ke",
            "se",
        ),
        suffixes=("annya", "kannya", "kan", "nya", "lah", "kah", "an", "i"),
        area=frozenset({"kel", "kelurahan", "desa"}),
        district=frozenset({"kec", "kecamatan"}),
        polite=frozenset({"izin", "permisi", "mohon", "tolong", "lapor", "melapor", "terima", "kasih"}),
    ),
    "en": Language(suffixes=("ing", "ed", "es", "s")),
}


def forms(word: str, languages: Sequence[str]) -> frozenset[str]:
    """The word and what is left of it without an affix on either side, at least three letters."""
    found = {word}
    for language in _spoken(languages):
        found |= {part.removeprefix(one) for part in tuple(found) for one in language.prefixes}
        for part in tuple(found):
            found |= {part.removesuffix(one) for one in language.suffixes}
    return frozenset(part for part in found if len(part) >= SHORTEST) | {word}


def is_polite(word: str, languages: Sequence[str]) -> bool:
    """Whether it is a word of greetings."""
    return any(word in language.polite for language in _spoken(languages))


def _spoken(languages: Sequence[str]) -> list[Language]:
    return [LANGUAGES[key] for key in languages if key in LANGUAGES]
