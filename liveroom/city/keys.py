"""How the parts of a pack refer to each other: every key stands once, and every reference leads somewhere."""

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Annotated, Protocol, TypeVar

from msgspec import Meta

from liveroom.runtime.errors import Fault

Key = Annotated[
    str, Meta(pattern="^[a-z][a-z0-9_]{0,63}$", description="a key: lower-case letters, digits and _, a letter first")
]
Text = Annotated[
    str,
    Meta(
        max_length=300,
        pattern=r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$",
        description="one line of text, at most 300 characters",
    ),
]
Email = Annotated[
    str, Meta(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", description="an address like name@agency.example")
]
ADDRESS = r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[^\s?#]*)?$"
Url = Annotated[
    str,
    Meta(
        max_length=2000,
        pattern=ADDRESS,
        description="an address like https://agency.example/inbox, without a name, a query or a fragment",
    ),
]


def is_address(text: str) -> bool:
    """Whether a text is an address as a pack may name one."""
    return len(text) <= 2000 and re.match(ADDRESS, text) is not None


class Keyed(Protocol):
    """Anything of the pack that has a key."""

    @property
    def key(self) -> str:
        """The key by which the rest of the pack refers to it."""


K = TypeVar("K", bound=Keyed)


def keyed(items: Iterable[K], *, where: str, faults: list[Fault]) -> dict[str, K]:
    """The items by their keys, in the order of the file; a key that stands twice is a fault."""
    found: dict[str, K] = {}
    for item in items:
        if item.key in found:
            faults.append(Fault(where, f"key {item.key!r} stands twice"))
        found.setdefault(item.key, item)
    return found


def refer(key: str, known: Collection[str], *, where: str, what: str) -> list[Fault]:
    """A fault when ``key`` is not among ``known``, with the likely one; no fault when nothing is known at all.

    Nothing is known when that file has faults of its own: they are named already, what follows from them is noise.
    """
    if key in known or not known:
        return []
    near = get_close_matches(key, known, n=1)
    return [Fault(where, f"unknown {what} {key!r}" + (f"; did you mean {near[0]!r}?" if near else ""))]
