"""Which category a text sounds like: the pack's keywords found in it as words, in one of their forms or misspelt."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from liveroom.city.languages import forms, is_polite
from liveroom.domain.timestamps import words_of

MOST_WORDS = 400
# Misspelt words are looked for among the first ones only, and short words are never taken for others.
MISSPELT_AMONG, MISSPELT_FROM, ALIKE = 80, 6, 86.0
# The words of one keyword stand at most so far apart.
REACH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A category with a score above 0 and below 1, and the words of the text that caused it, in order."""

    key: str
    score: float
    because: tuple[str, ...]


class Hints:
    """The keywords of a city, indexed once; a question costs a few milliseconds at most."""

    def __init__(self, keywords: Mapping[str, Iterable[str]], languages: Sequence[str]) -> None:
        self._languages = tuple(languages)
        self._phrases = [(key, tuple(words_of(one))) for key, many in keywords.items() for one in many]
        self._words: dict[str, set[str]] = defaultdict(set)
        for word in {word for _, phrase in self._phrases for word in phrase}:
            for form in forms(word, self._languages):
                self._words[form].add(word)
        self._long = sorted({word for _, phrase in self._phrases for word in phrase if len(word) >= MISSPELT_FROM})

    def of(self, text: str, most: int) -> tuple[Hint, ...]:
        """Up to ``most`` categories, the likeliest first."""
        words = words_of(text)[:MOST_WORDS]
        places = self._places(words)
        weights: dict[str, float] = defaultdict(float)
        causes: dict[str, set[int]] = defaultdict(set)
        for key, phrase in self._phrases:
            if (found := _found(phrase, places)) is not None:
                weights[key] += len(phrase) ** 1.5
                causes[key] |= found
        ranked = sorted(weights, key=lambda key: -weights[key])[:most]
        return tuple(
            Hint(
                key=key,
                score=round(1 - 0.6 ** weights[key], 3),
                because=tuple(dict.fromkeys(words[place] for place in sorted(causes[key]))),
            )
            for key in ranked
        )

    def _places(self, words: Sequence[str]) -> Mapping[str, list[int]]:
        """Where in the text each word of a keyword stands."""
        places: dict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(words):
            meant = {known for form in forms(word, self._languages) for known in self._words.get(form, ())}
            meant = meant & {word} if is_polite(word, self._languages) else meant
            if not meant and place < MISSPELT_AMONG and len(word) >= MISSPELT_FROM:
                alike = process.extractOne(word, self._long, scorer=fuzz.ratio, score_cutoff=ALIKE)
                meant = {alike[0]} if alike is not None else set()
            for known in meant:
                places[known].append(place)
        return places


def _found(phrase: Sequence[str], places: Mapping[str, list[int]]) -> set[int] | None:
    """The first places at which all words of a phrase stand near each other; None when they do not."""
    for first in places.get(phrase[0], ()) if phrase else ():
        near = [next((p for p in places.get(word, ()) if abs(p - first) <= REACH), None) for word in phrase[1:]]
        if None not in near:
            return {first, *(place for place in near if place is not None)}
    return None
