"""Which area of the city a text names; two places of one name are told apart by what stands before them."""

from collections.abc import Iterator, Sequence

from liveroom.city.areas import Area
from liveroom.city.city import City
from liveroom.city.languages import LANGUAGES
from liveroom.domain.timestamps import words_of

MOST_WORDS = 400


class PlaceNames:
    """The names of a city's areas and districts, by their words."""

    def __init__(self, city: City) -> None:
        self._city = city
        spoken = [LANGUAGES[key] for key in city.languages if key in LANGUAGES]
        self._before_area = frozenset(word for language in spoken for word in language.area)
        self._before_district = frozenset(word for language in spoken for word in language.district)
        self._areas = [(tuple(words_of(area.name)), area) for area in city.areas.values()]
        self._districts = [(tuple(words_of(district.name)), district.code) for district in city.districts.values()]

    def area_in(self, text: str) -> Area | None:
        """The one area that a text names; None when it names none, or several alike."""
        words = words_of(text)[:MOST_WORDS]
        announced = {
            code for name, code in self._districts for at in _places(name, words) if self._is_district(words, at)
        }
        ranked: dict[str, tuple[int, int]] = {}
        for name, area in self._areas:
            for at in _places(name, words):
                if self._is_district(words, at) or (announced and area.district not in announced):
                    continue
                said = at > 0 and words[at - 1] in self._before_area
                ranked[area.code] = max(ranked.get(area.code, (0, 0)), (int(said), len(name)))
        best = max(ranked.values(), default=None)
        winners = [code for code, rank in ranked.items() if rank == best]
        return self._city.areas[winners[0]] if len(winners) == 1 else None

    def _is_district(self, words: Sequence[str], at: int) -> bool:
        return at > 0 and words[at - 1] in self._before_district


def _places(name: Sequence[str], words: Sequence[str]) -> Iterator[int]:
    size = len(name)
    return (at for at in range(len(words) - size + 1) if tuple(words[at : at + size]) == tuple(name))
