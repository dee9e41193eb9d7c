"""How somebody stands before a door: which kind of visitor, and whose credential it is."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from liveroom.accounts.users import Who


class Kind(StrEnum):
    """Every kind of visitor: the roles of people, the two machines, this machine where it is trusted, and nobody."""

    DUTY = "duty"
    SUPERVISOR = "supervisor"
    AGENCY = "agency"
    AGENCY_HEAD = "agency_head"
    LEADERSHIP = "leadership"
    ADMIN = "admin"
    SCREEN = "screen"
    SOURCE = "source"
    LOOPBACK = "loopback"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """``looks``: trusted loopback that may look as a screen does, but has to log in to act.

    ``audience`` is a screen's; ``session`` the token of a log-in by cookie, ``idle_for`` since its last
    act; ``credential`` the hash of what was shown.
    """

    kind: Kind
    who: Who | None = None
    audience: str | None = None
    session: str | None = None
    idle_for: timedelta = timedelta(0)
    credential: str | None = None
    looks: bool = False

    def among(self, kinds: frozenset[Kind]) -> bool:
        """Whether a door for these kinds is open to this visitor."""
        return self.kind in kinds or (self.looks and Kind.SCREEN in kinds)

    @property
    def here(self) -> bool:
        """Whether this is trusted loopback without a credential."""
        return self.kind is Kind.LOOPBACK or self.looks


NOBODY = Standing(kind=Kind.NOBODY)
