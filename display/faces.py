"""As whom somebody is shown: by name at the desks, by role to agencies, leadership and holders of links.

An agency sees its own colleagues by name, and everybody sees themselves. What machines and citizens do names nobody.
"""

from collections.abc import Collection, Mapping

from liveroom.accounts.users import AT_DESKS, Who
from liveroom.domain.requests import MACHINES, OF_AGENCIES

OFFICER = "officer"
LINK = "link:"


class Faces:
    """What ``viewer`` may be told of ``people``, who are known by actor; a viewer of None is a stranger with a link."""

    def __init__(self, people: Mapping[str, Who], viewer: Who | None, machines: Collection[str] = ()) -> None:
        self._people = people
        self._viewer = viewer
        self._machines = MACHINES | frozenset(machines)

    def key(self, actor: str) -> str:
        """The actor, where the viewer may know who it is; else a role, or ``officer`` where none is known."""
        who = self._people.get(actor)
        if self._sees(actor, who):
            return actor
        return who.role.value if who is not None else OFFICER

    def key_or_none(self, actor: str | None) -> str | None:
        """The same; None for nobody."""
        return None if actor is None else self.key(actor)

    def name(self, actor: str) -> str:
        """What the viewer calls them: the name, the key of who has no log-in, or the role."""
        who = self._people.get(actor)
        return who.name if who is not None and self._sees(actor, who) else self.key(actor)

    def names(self) -> dict[str, str]:
        """By actor, the names that the viewer may know."""
        return {actor: who.name for actor, who in self._people.items() if self._sees(actor, who)}

    def _sees(self, actor: str, who: Who | None) -> bool:
        viewer = self._viewer
        if viewer is not None and (viewer.role in AT_DESKS or viewer.actor == actor):
            return True
        if who is None:
            return actor in self._machines or actor.startswith(LINK)
        # Who comes by a link has no name of their own, and no colleagues.
        known = viewer is not None and viewer.role in OF_AGENCIES and not viewer.actor.startswith(LINK)
        return known and viewer is not None and who.role in OF_AGENCIES and who.agency == viewer.agency
