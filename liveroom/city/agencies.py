"""agencies.yaml: the city's agencies, the bodies outside it, and the channel by which each gets its work.

Contacts (telephone, e-mail, address) are for the desk and never leave for a screen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from msgspec import Meta

from liveroom.city.sheet import TRANSLATED, Email, Key, Text, Translations, Url, in_language, keyed
from liveroom.runtime.errors import Fault

AGENCIES_FILE = "agencies.yaml"
# Minutes. A longer wait would outlast the time to accept.
DigestMinutes = Annotated[int, Meta(ge=0, le=240)]
# How certain a name is: found in a public text; found, but old or contradictory; our own proposal.
Certainty = Literal["sourced", "confirm", "proposed"]
# How an agency's work reaches it: on its page here, by mail, or at an address of its own system.
Channel = Literal["page", "mail", "webhook", "open311"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Open311Settings:
    """What a GeoReport v2 server needs; ``services``: its codes for our categories, the others keep ours.

    ``status``: how it is asked what became of a request: by the requests themselves, by their updates, or not at all.
    """

    jurisdiction: Text | None = None
    format: Literal["json", "xml"] = "json"
    services: Mapping[str, Text] = field(default_factory=dict)
    status: Literal["requests", "updates", "none"] = "requests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """An agency or an outside body.

    ``hours``: office hours or always (24 hours). ``phone``, ``on_call`` and ``email``: contacts for the desk. ``mark``:
    how certain the name is. ``channel``: whether its work reaches it by ``email``, at ``url`` (``secret``: name of the
    secret that signs it), or on its page here.
    ``digest_minutes``: how long new work by mail waits for more; 0: not at all, None: as the room's settings say.
    """

    key: Key
    short: Text
    name: Text
    names: Translations = field(default_factory=dict, metadata=TRANSLATED)
    kind: Text
    hours: Literal["office", "always"]
    phone: Text | None = None
    on_call: Text | None = None
    email: Email | None = None
    channel: Channel = "page"
    url: Url | None = None
    secret: Key | None = None
    digest_minutes: DigestMinutes | None = None
    open311: Open311Settings = field(default_factory=Open311Settings)
    mark: Certainty = "proposed"
    note: Text | None = None

    def name_in(self, language: str) -> str:
        """Its name in a language."""
        return in_language(language, self.name, self.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencySheet:
    """agencies.yaml: ``agencies`` handle complaints; ``outside`` bodies are responsible for what is not the city's."""

    agencies: tuple[Agency, ...]
    outside: tuple[Agency, ...] = ()


def check_agencies(sheet: AgencySheet, faults: list[Fault]) -> tuple[Mapping[str, Agency], Mapping[str, Agency]]:
    """The agencies and the outside bodies by key; no key means two of them."""
    agencies = keyed(sheet.agencies, where=f"{AGENCIES_FILE}: agencies", faults=faults)
    outside = keyed(sheet.outside, where=f"{AGENCIES_FILE}: outside", faults=faults)
    for agency in agencies.values():
        _check_channel(agency, faults)
    both = [key for key in outside if key in agencies]
    faults.extend(Fault(f"{AGENCIES_FILE}: outside", f"key {key!r} is an agency of the city already") for key in both)
    return agencies, outside


def _check_channel(agency: Agency, faults: list[Fault]) -> None:
    """The channel has what it needs."""
    needed = {"mail": ("email",), "webhook": ("url", "secret"), "open311": ("url",)}.get(agency.channel, ())
    for name in needed:
        if getattr(agency, name) is None:
            where = f"{AGENCIES_FILE}: agencies[{agency.key}].{name}"
            faults.append(Fault(where, f"is needed for channel {agency.channel}"))
