"""Puts the name of whoever is logged in under what they order; nobody can sign for somebody else."""

from typing import Any

from liveroom.accounts.users import Who
from liveroom.domain.requests import Malformed, Role

SIGNED = ("actor", "role", "actor_agency")


def signed(body: Any, who: Who | None, where: str = "") -> Any:
    """The body of an order with ``actor``, ``role`` and ``actor_agency`` of the person; as it is without one.

    Without a person it is trusted loopback that signs as any person. Raises Malformed naming a field that differs.
    """
    if not isinstance(body, dict):
        return body
    if who is None:
        if body.get("role") == Role.SYSTEM:
            raise Malformed("role", "is nobody's: the room itself acts so")
        return body
    own = {"actor": who.actor, "role": who.role.value, "actor_agency": who.agency}
    for name in SIGNED:
        if body.get(name) is not None and body[name] != own[name]:
            raise Malformed(f"{where}{name}", "is not that of whoever is logged in")
    return {**body, **own}
