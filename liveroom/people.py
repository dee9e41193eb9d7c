"""A person who acts: the value that every door gets, whichever way the person proved who they are."""

from dataclasses import dataclass

from liveroom.domain.requests import OF_AGENCIES, Role

AT_DESKS = frozenset({Role.DUTY, Role.SUPERVISOR, Role.ADMIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """``actor`` is the person's stable key, written to events; ``name`` is for other people's eyes.

    ``agency`` is the pack's key for the two agency roles and None for all others.
    """

    actor: str
    name: str
    role: Role
    agency: str | None = None

    @property
    def audience(self) -> str:
        """The feed's audience of this person (design section 4)."""
        if self.role in OF_AGENCIES:
            return f"agency:{self.agency}"
        return "desk" if self.role in AT_DESKS else "lead"


def plain(who: Who) -> dict[str, str | None]:
    """``{actor, name, role, agency}``, as pages and programs are told of a person."""
    return {"actor": who.actor, "name": who.name, "role": who.role.value, "agency": who.agency}
