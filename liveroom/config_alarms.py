"""The settings of who answers alarms (docs/alarms.md)."""

import msgspec

from liveroom.errors import Fault

MOST = 20


class AlarmSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``positions``: how many desks are staffed; so many times more alarms are bearable before they are a flood."""

    positions: int = 1


def check_alarms(alarms: AlarmSettings, where: str) -> list[Fault]:
    """What is wrong with these settings."""
    if 1 <= alarms.positions <= MOST:
        return []
    return [Fault(f"{where}: alarms.positions", f"staffed desks, from 1 to {MOST}")]
