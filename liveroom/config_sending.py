"""The settings of what leaves this room: the mail server, the secrets by name, and when a delivery counts as stuck."""

import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit

import msgspec
from standardwebhooks import Webhook

from liveroom.domain.phones import COUNTRIES, KINDS
from liveroom.errors import Fault

# A secret that the city pack calls `dpupr_hook` comes from LIVEROOM_SECRET_DPUPR_HOOK.
SECRET = "LIVEROOM_SECRET_"
BEGINNING = re.compile(r"\+[1-9][0-9]{0,14}")
# Longer, and the time to accept is over before the letter comes.
DIGEST_MOST = 240


class Mail(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``host`` empty means no mail: whoever would get any reads its work on its page here.

    ``security``: starttls, tls (from the first byte) or none; ``user`` empty: no log-in. ``page_to`` is where a
    supervisor is reached when an alarm stays unacknowledged.
    """

    host: str = ""
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = ""
    sender: str = ""
    page_to: tuple[str, ...] = ()


class Gateway(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whoever carries short messages to citizens' telephones. ``url`` empty: nobody does; ``secret`` signs them.

    Called are numbers of ``countries`` (two letters; none: the city's own) and ``kinds``, but none that begins as one
    of ``never``: satellite telephones, which a country may count as mobile.
    """

    url: str = ""
    secret: str = ""
    countries: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ("mobile", "fixed_line_or_mobile")
    never: tuple[str, ...] = ("+62868",)


class OutboxSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """After ``stuck_minutes``, or ``stuck_tries`` failures, a delivery is stuck; ``secrets`` by the pack's names.

    For ``digest_minutes`` an agency's new work by mail waits for more, to come in one letter; 0: each by itself.
    """

    stuck_minutes: int = 15
    stuck_tries: int = 10
    digest_minutes: int = 0
    secrets: Mapping[str, str] = msgspec.field(default_factory=dict)


def with_secrets(outbox: OutboxSettings, environment: Mapping[str, str]) -> OutboxSettings:
    """The settings with the secrets that the environment holds, which win."""
    held = {name.removeprefix(SECRET).lower(): text for name, text in environment.items() if name.startswith(SECRET)}
    return msgspec.structs.replace(outbox, secrets={**outbox.secrets, **held})


def check_gateway(gateway: Gateway, where: str) -> list[Fault]:
    """What does not make sense."""
    faults = [
        *(_odd(where, "countries", one, "an ISO code such as ID") for one in gateway.countries if one not in COUNTRIES),
        *(_odd(where, "kinds", one, f"one of {', '.join(KINDS)}") for one in gateway.kinds if one not in KINDS),
        *(
            _odd(where, "never", one, "a beginning like +62868")
            for one in gateway.never
            if not BEGINNING.fullmatch(one)
        ),
    ]
    if not gateway.url:
        return faults
    parts = urlsplit(gateway.url)
    if not gateway.kinds:
        faults.append(Fault(f"{where}: gateway.kinds", "must name a kind; without a url nobody is called"))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        faults.append(Fault(f"{where}: gateway.url", "must be an http(s) address"))
    if not _signs(gateway.secret):
        faults.append(Fault(f"{where}: gateway.secret", "must be whsec_ and base64, best as LIVEROOM_GATEWAY_SECRET"))
    return faults


def _odd(where: str, name: str, one: str, meant: str) -> Fault:
    return Fault(f"{where}: gateway.{name}", f"must be {meant}, not {one!r}")


def _signs(secret: str) -> bool:
    try:
        return bool(secret) and Webhook(secret) is not None
    except (ValueError, RuntimeError):
        return False


def check_sending(mail: Mail, outbox: OutboxSettings, where: str) -> list[Fault]:
    """What does not make sense together."""
    faults = []
    if mail.host and "@" not in mail.sender:
        faults.append(Fault(f"{where}: mail.sender", "must be the address that mail comes from"))
    if not 0 < mail.port < 65536:
        faults.append(Fault(f"{where}: mail.port", "must be between 1 and 65535"))
    if mail.user and mail.security == "none":
        faults.append(Fault(f"{where}: mail.security", "must be starttls or tls where there is a log-in"))
    for name in ("stuck_minutes", "stuck_tries"):
        if getattr(outbox, name) < 1:
            faults.append(Fault(f"{where}: outbox.{name}", "must be at least 1"))
    if not 0 <= outbox.digest_minutes <= DIGEST_MOST:
        faults.append(Fault(f"{where}: outbox.digest_minutes", f"must be between 0 and {DIGEST_MOST}"))
    return faults
