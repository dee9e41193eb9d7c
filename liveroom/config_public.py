"""The settings of what everybody may open without a log-in."""

import re

import msgspec

from liveroom.errors import Fault

NUMBER = re.compile(r"\+?[0-9]{2,15}")
MAP_DAYS_MOST = 366
# About 8 million tries: a cheap telephone would be at it for over a minute.
EFFORT_MOST = 512


class FormSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many forms of ``/lapor`` are taken in a quarter of an hour, and what a telephone does for one.

    ``solved``: from one address (in IPv6 a /64) with a solved puzzle; ``plain``: without one, ``plain_in_all`` from all
    addresses together. ``effort``: puzzles a form, of about 16,000 tries each; doubled from ``crowd`` forms of an
    address or ``crowd_in_all`` on, and again with each doubling, up to ``effort_most``.
    """

    solved: int = 6000
    plain: int = 30
    plain_in_all: int = 300
    effort: int = 12
    effort_most: int = 48
    crowd: int = 300
    crowd_in_all: int = 3000

    @property
    def doublings(self) -> int:
        """After how many the effort grows no more."""
        return (self.effort_most // self.effort).bit_length()


class PublicSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``report``: citizens may report on ``/lapor``; links that were given out work in any case.

    ``emergency``: the number to call in danger, empty: none is named. ``map``: ``/lapor/peta`` shows everybody what is
    open and what was done in ``map_days``, its places made coarse. ``forms``: how many are taken.
    """

    report: bool = True
    emergency: str = ""
    map: bool = False
    map_days: int = 30
    forms: FormSettings = msgspec.field(default_factory=FormSettings)


def check_public(public: PublicSettings, where: str) -> list[Fault]:
    """What does not make sense."""
    faults = []
    if public.emergency and not NUMBER.fullmatch(public.emergency):
        faults.append(Fault(f"{where}: public.emergency", "must be a telephone number in quotes, digits alone"))
    if not 1 <= public.map_days <= MAP_DAYS_MOST:
        faults.append(Fault(f"{where}: public.map_days", f"must be 1 to {MAP_DAYS_MOST}"))
    return faults + _check_forms(public.forms, f"{where}: public.forms")


def _check_forms(forms: FormSettings, where: str) -> list[Fault]:
    faults = [
        Fault(f"{where}.{name}", "must be at least 1")
        for name in forms.__struct_fields__
        if name != "effort_most" and getattr(forms, name) < 1
    ]
    if forms.solved < forms.plain:
        faults.append(Fault(f"{where}.solved", "must be at least plain: a solved puzzle is worth more than none"))
    if not forms.effort <= forms.effort_most <= EFFORT_MOST:
        faults.append(Fault(f"{where}.effort_most", f"must be at least effort and at most {EFFORT_MOST}"))
    return faults
