"""The settings of how long personal data stays after a complaint is closed (law 27/2022; docs/personal-data.md)."""

import msgspec

from liveroom.errors import Fault


class KeepSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days of the room after closing: who reported goes after ``person_days``, what was said after ``text_days``."""

    person_days: int = 365
    text_days: int = 1825


def check_keeping(keep: KeepSettings, where: str) -> list[Fault]:
    """What is wrong with these settings."""
    if 1 <= keep.person_days <= keep.text_days:
        return []
    return [Fault(f"{where}: keep", "person_days from 1, text_days not below them")]
