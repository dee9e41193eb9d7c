"""The words in which this city differs from the room's own, and the names of its sources and channels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from liveroom.city.keys import Text
from liveroom.domain.complaints.model import State
from liveroom.runtime.errors import Fault

FILE = "words.yaml"
# What pages say with the city's own word where it has one; a word that no page reads would be a promise broken.
TERMS = ("term.agency", "term.area", "term.district")
READ = frozenset({*TERMS, *(f"state.{state.value}" for state in State)})
Said = Mapping[str, Text]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """words.yaml: ``words`` by interface key, ``sources`` and ``channels`` by their own; each by language."""

    words: Mapping[str, Said] = field(default_factory=dict)
    sources: Mapping[str, Said] = field(default_factory=dict)
    channels: Mapping[str, Said] = field(default_factory=dict)

    def own(self, key: str, language: str) -> str | None:
        """The city's own word for ``key``; None where it has none in that language."""
        return self.words.get(key, {}).get(language)

    def spoken(self, language: str) -> dict[str, dict[str, str]]:
        """All three tables in one language."""
        tables = {"words": self.words, "sources": self.sources, "channels": self.channels}
        return {name: {key: said[language] for key, said in table.items()} for name, table in tables.items()}


def check_words(sheet: Words, languages: tuple[str, ...], *, faults: list[Fault]) -> None:
    """Every word is there in every language of the city, and in no other; pages read each of the first table."""
    for key in sorted(set(sheet.words) - READ):
        near = get_close_matches(key, READ, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(READ))}"
        faults.append(Fault(f"{FILE}: words.{key}", f"no page reads this word; {hint}"))
    for name, table in (("words", sheet.words), ("sources", sheet.sources), ("channels", sheet.channels)):
        for key, said in table.items():
            where = f"{FILE}: {name}.{key}"
            if said is not None:
                faults.extend(Fault(f"{where}.{lost}", "is missing") for lost in languages if lost not in said)
                faults.extend(
                    Fault(f"{where}.{odd}", "is no language of the city") for odd in said if odd not in languages
                )
