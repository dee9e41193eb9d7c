"""The settings of what everybody may open without a log-in."""

import re

import msgspec

from liveroom.errors import Fault

NUMBER = re.compile(r"\+?[0-9]{2,15}")


class PublicSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``report``: citizens may report on ``/lapor``; links that were given out work in any case.

    ``emergency``: the number to call in danger, empty: none is named.
    """

    report: bool = True
    emergency: str = ""


def check_public(public: PublicSettings, where: str) -> list[Fault]:
    """What does not make sense."""
    if not public.emergency or NUMBER.fullmatch(public.emergency):
        return []
    return [Fault(f"{where}: public.emergency", "must be a telephone number in quotes, digits alone")]
