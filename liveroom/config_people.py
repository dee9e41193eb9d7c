"""The settings about people: how long a log-in lasts, how long readings are kept, and an OpenID provider."""

from collections.abc import Mapping
from datetime import timedelta

import msgspec

from liveroom.domain.requests import OF_PEOPLE, Role
from liveroom.errors import Fault
from liveroom.log._limits import Limits

OPENID_SECRET = "LIVEROOM_OPENID_SECRET"
PLAIN_HERE = ("http://127.0.0.1", "http://localhost")


class SessionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A log-in ends ``idle_minutes`` after the last act and ``longest_hours`` after it began, warned of before.

    ``second_factor``: the roles that cannot log in by a password alone; everybody may have one.
    """

    idle_minutes: int = 60
    longest_hours: int = 12
    warn_minutes: int = 5
    second_factor: tuple[str, ...] = ()

    def limits(self) -> Limits:
        """The same as spans of time."""
        return Limits(
            idle=timedelta(minutes=self.idle_minutes),
            longest=timedelta(hours=self.longest_hours),
            warn=timedelta(minutes=self.warn_minutes),
            second_factor=frozenset(Role(name) for name in self.second_factor),
        )


class AccessSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``keep_days``: how long it is known who read personal data."""

    keep_days: int = 730


class OpenIdSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``issuer`` empty: no provider. ``roles``: from values of ``role_claim`` to ours; ``agency_claim`` a pack's key.

    The client's secret is in the environment alone: LIVEROOM_OPENID_SECRET.
    """

    issuer: str = ""
    client_id: str = ""
    name: str = "OpenID"
    role_claim: str = "roles"
    agency_claim: str = "agency"
    roles: Mapping[str, str] = {}

    @property
    def lets_in(self) -> bool:
        """Whether there is a provider by which somebody can come in."""
        return bool(self.issuer and self.roles)


def check_people(sessions: SessionSettings, access: AccessSettings, openid: OpenIdSettings, where: str) -> list[Fault]:
    """What is wrong with these settings."""
    faults = []
    if not 2 <= sessions.idle_minutes <= sessions.longest_hours * 60 <= 7 * 24 * 60:
        faults.append(Fault(f"{where}: sessions", "idle_minutes from 2, not above longest_hours, which is at most 168"))
    if not 1 <= sessions.warn_minutes < sessions.idle_minutes:
        faults.append(Fault(f"{where}: sessions.warn_minutes", "must be at least 1 and below idle_minutes"))
    if access.keep_days < 1:
        faults.append(Fault(f"{where}: access.keep_days", "must be at least 1"))
    if openid.issuer and not openid.client_id:
        faults.append(Fault(f"{where}: openid.client_id", "is required with an issuer"))
    if openid.issuer and not openid.issuer.startswith(("https://", *PLAIN_HERE)):
        faults.append(Fault(f"{where}: openid.issuer", "must begin with https://"))
    known = {role.value for role in OF_PEOPLE}
    for role in sessions.second_factor:
        if role not in known:
            faults.append(
                Fault(f"{where}: sessions.second_factor", f"must be of {', '.join(sorted(known))}, not {role!r}")
            )
    for value, role in openid.roles.items():
        if role not in known:
            faults.append(Fault(f"{where}: openid.roles[{value}]", f"must be one of {', '.join(sorted(known))}"))
    return faults


def role_of(openid: OpenIdSettings, claimed: object) -> Role | None:
    """The first of our roles that a claim (one value or a list) maps to; None when there is none."""
    values = claimed if isinstance(claimed, list) else [claimed]
    found = (openid.roles.get(value) for value in values if isinstance(value, str))
    return next((Role(role) for role in found if role is not None), None)
