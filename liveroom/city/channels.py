"""How an agency's work reaches it: by mail, at an address of its own system, or on its page here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from liveroom.city.keys import Text
from liveroom.runtime.errors import Fault

Channel = Literal["page", "mail", "webhook", "open311"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Open311:
    """What a GeoReport v2 server wants to know; ``services`` maps our categories to its codes, others keep ours."""

    jurisdiction: Text | None = None
    format: Literal["json", "xml"] = "json"
    services: Mapping[str, Text] = field(default_factory=dict)


class Reached(Protocol):
    """What of an agency says how it is reached."""

    @property
    def key(self) -> str:
        """The key of the pack."""

    @property
    def channel(self) -> Channel:
        """How its work reaches it."""

    @property
    def email(self) -> str | None:
        """Where mail goes."""

    @property
    def url(self) -> str | None:
        """The address of its system."""

    @property
    def secret(self) -> str | None:
        """The name of a secret of the settings."""


def check_channels(agencies: Iterable[Reached], where: str, *, faults: list[Fault]) -> None:
    """Each channel has what it needs."""
    for agency in agencies:
        for name in _missing(agency):
            faults.append(Fault(f"{where}: agencies[{agency.key}].{name}", f"is needed for channel {agency.channel}"))


def _missing(agency: Reached) -> list[str]:
    needed = {"mail": ("email",), "webhook": ("url", "secret"), "open311": ("url",)}.get(agency.channel, ())
    return [name for name in needed if getattr(agency, name) is None]
