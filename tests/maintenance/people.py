"""People who do not exist, with what betrays them; each word of theirs is found by nothing else in the room."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

CATEGORIES = ("jalan_rusak", "sampah", "kecelakaan", "banjir")


class Betrayed(Protocol):
    """Somebody, with the words that betray them and the report that holds those."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody may find."""

    @property
    def report(self) -> dict[str, Any]:
        """As a source hands it in."""


@dataclass(frozen=True, slots=True)
class Citizen:
    """Number ``n`` of them."""

    n: int

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody may find: name, phone in three forms, e-mail, address, identity number."""
        phone = f"8{self.n:03d}7719{self.n:03d}"
        return (
            f"Wiratmaja{self.n:03d}",
            f"0{phone}",
            f"+62{phone}",
            f"62{phone}",
            f"wirat{self.n:03d}@surel.example",
            f"Kenanga{self.n:03d}",
            f"3671{self.n:03d}000111222",
        )

    @property
    def places(self) -> tuple[str, ...]:
        """Where exactly, and a category in a source's own words; the log has them until they are erased."""
        return (str(self.lat), str(self.lon), *(() if self.n % 10 else (self.category,)))

    @property
    def category(self) -> str:
        """A key of the city's; every tenth says it in words of its own."""
        return CATEGORIES[self.n % len(CATEGORIES)] if self.n % 10 else f"Keluhan Sentosa{self.n:03d}"

    @property
    def lat(self) -> float:
        """Degrees that nobody else has."""
        return round(-6.17 - self.n / 1e4 - 0.0000137, 7)

    @property
    def lon(self) -> float:
        """Degrees that nobody else has."""
        return round(106.64 + self.n / 1e4 + 0.0000241, 7)

    @property
    def report(self) -> dict[str, Any]:
        """As a source hands it in."""
        name, phone, _, _, email, street, number = self.secrets
        return {
            "source_id": f"P-{self.n}",
            "category": self.category,
            "description": f"{name}, NIK {number}, mohon ditelepon di {phone}",
            "address": f"Jl. {street} No. {self.n}",
            "lat": self.lat,
            "lon": self.lon,
            "person": {"name": name, "phone": phone, "email": email},
        }


def citizens(n: int) -> list[Citizen]:
    """The first ``n``."""
    return [Citizen(one) for one in range(1, n + 1)]


def found(hay: bytes, people: Sequence[Betrayed]) -> Iterator[str]:
    """What of them is in there, in whatever case."""
    lower = hay.lower()
    for one in people:
        yield from (secret for secret in one.secrets if secret.lower().encode() in lower)
