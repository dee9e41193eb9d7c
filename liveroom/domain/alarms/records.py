"""The record of every type of alarm: its priority, who has to act, and the keys of its texts. Rule: CR-05.

What it means and what to do is said by the texts ``record.KIND.FIELD`` of the language catalogues. Desks show them
beside the alarm, letters quote the name.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from liveroom.domain.alarms.model import PRIORITY, AlarmKind
from liveroom.domain.requests import Role

# The losses that are not a source's, as keys of RECORDS.
FEED, SCREEN, OUTBOX = "feed", "screen", "outbox"
# What the record of each type says in words; ``respond``: the time to respond.
FIELDS = ("name", "cause", "consequence", "action", "respond")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRecord:
    """One type of alarm. ``priority`` 1 to 3. ``owner``: who has to act."""

    kind: str
    priority: int
    owner: Role

    @property
    def keys(self) -> Mapping[str, str]:
        """The key of each text by FIELDS, and of the ``owner``."""
        return {**{name: f"record.{self.kind}.{name}" for name in FIELDS}, "owner": f"record.owner.{self.owner}"}


_ALL = (
    AlarmRecord(kind=AlarmKind.CRITICAL, priority=PRIORITY[AlarmKind.CRITICAL], owner=Role.DUTY),
    AlarmRecord(kind=AlarmKind.PASSED, priority=PRIORITY[AlarmKind.PASSED], owner=Role.DUTY),
    AlarmRecord(kind=AlarmKind.WARNED, priority=PRIORITY[AlarmKind.WARNED], owner=Role.DUTY),
    AlarmRecord(kind=AlarmKind.LOST, priority=PRIORITY[AlarmKind.LOST], owner=Role.SUPERVISOR),
    # Each screen itself shows the loss of the whole feed (CR-07).
    AlarmRecord(kind=FEED, priority=1, owner=Role.SUPERVISOR),
    AlarmRecord(kind=SCREEN, priority=3, owner=Role.SUPERVISOR),
    AlarmRecord(kind=OUTBOX, priority=PRIORITY[AlarmKind.LOST], owner=Role.SUPERVISOR),
)
# The four kinds, and the losses.
RECORDS: Mapping[str, AlarmRecord] = {str(record.kind): record for record in _ALL}
