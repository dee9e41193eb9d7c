"""The settings of what everybody may open without a log-in."""

import re

import msgspec

from liveroom.errors import Fault

NUMBER = re.compile(r"\+?[0-9]{2,15}")
MAP_DAYS_MOST = 366


class PublicSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``report``: citizens may report on ``/lapor``; links that were given out work in any case.

    ``emergency``: the number to call in danger, empty: none is named. ``map``: ``/lapor/peta`` shows everybody what is
    open and what was done in ``map_days``, its places made coarse.
    """

    report: bool = True
    emergency: str = ""
    map: bool = False
    map_days: int = 30


def check_public(public: PublicSettings, where: str) -> list[Fault]:
    """What does not make sense."""
    faults = []
    if public.emergency and not NUMBER.fullmatch(public.emergency):
        faults.append(Fault(f"{where}: public.emergency", "must be a telephone number in quotes, digits alone"))
    if not 1 <= public.map_days <= MAP_DAYS_MOST:
        faults.append(Fault(f"{where}: public.map_days", f"must be 1 to {MAP_DAYS_MOST}"))
    return faults
