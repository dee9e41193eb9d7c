"""Agencies and their channels."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, Protocol

from msgspec import Meta

from liveroom.city.sheet import Email, Key, Text, Url, keyed
from liveroom.runtime.errors import Fault

# How an agency's work reaches it: by mail, at an address of its own system, or on its page here.

Channel = Literal["page", "mail", "webhook", "open311"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Open311Settings:
    """What a GeoReport v2 server wants to know; ``services`` maps our categories to its codes, others keep ours."""

    jurisdiction: Text | None = None
    format: Literal["json", "xml"] = "json"
    services: Mapping[str, Text] = field(default_factory=dict)


class Reachable(Protocol):
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


def check_channels(agencies: Iterable[Reachable], where: str, *, faults: list[Fault]) -> None:
    """Each channel has what it needs."""
    for agency in agencies:
        for name in _missing(agency):
            faults.append(Fault(f"{where}: agencies[{agency.key}].{name}", f"is needed for channel {agency.channel}"))


def _missing(agency: Reachable) -> list[str]:
    needed = {"mail": ("email",), "webhook": ("url", "secret"), "open311": ("url",)}.get(agency.channel, ())
    return [name for name in needed if getattr(agency, name) is None]


# Who can be given a complaint: the city's agencies and the bodies outside it. Contacts never leave for a screen.

FILE = "agencies.yaml"
# A window longer than this would outlast the time to accept.
Window = Annotated[int, Meta(ge=0, le=240)]
Mark = Literal["sourced", "confirm", "proposed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """An agency or an outside body.

    ``hours`` office or always (24 hours); ``phone``, ``on_call`` and ``email`` are contacts for the desk, ``mark`` says
    how sure the name is: found in a public text, found but old or contradictory, or our own proposal. ``channel``
    is how its work reaches it: by ``email``, at ``url`` (with the ``secret`` of that name), or on its page here.
    ``digest_minutes`` is how long its new work by mail waits for more, 0 for not at all, None for as the room has it.
    """

    key: Key
    short: Text
    name: Text
    name_en: Text = ""
    kind: Text
    hours: Literal["office", "always"]
    phone: Text | None = None
    on_call: Text | None = None
    email: Email | None = None
    channel: Channel = "page"
    url: Url | None = None
    secret: Key | None = None
    digest_minutes: Window | None = None
    open311: Open311Settings = field(default_factory=Open311Settings)
    mark: Mark = "proposed"
    note: Text | None = None

    def __post_init__(self) -> None:
        """Without an English name it is called by its own."""
        object.__setattr__(self, "name_en", self.name_en or self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencySheet:
    """agencies.yaml: ``agencies`` handle complaints, ``outside`` bodies are told of what is not the city's."""

    agencies: tuple[Agency, ...]
    outside: tuple[Agency, ...] = ()


def check_agencies(sheet: AgencySheet, faults: list[Fault]) -> tuple[Mapping[str, Agency], Mapping[str, Agency]]:
    """The agencies and the outside bodies by key; one key may not mean two of them."""
    agencies = keyed(sheet.agencies, where=f"{FILE}: agencies", faults=faults)
    outside = keyed(sheet.outside, where=f"{FILE}: outside", faults=faults)
    check_channels(agencies.values(), FILE, faults=faults)
    both = [key for key in outside if key in agencies]
    faults.extend(Fault(f"{FILE}: outside", f"key {key!r} is an agency of the city already") for key in both)
    return agencies, outside
