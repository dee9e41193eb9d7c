"""The settings that the environment gives: it wins over the file, and a variable nobody reads is a fault."""

from collections.abc import Mapping
from typing import Any

from liveroom.config_file import alike
from liveroom.config_sending import SECRET
from liveroom.errors import Fault

# Environment variable to key path.
OVERRIDES: Mapping[str, tuple[str, ...]] = {
    "LIVEROOM_CITY": ("city",),
    "LIVEROOM_DATA_DIR": ("data_dir",),
    "LIVEROOM_PORT": ("server", "port"),
    "LIVEROOM_HOST": ("server", "host"),
    "LIVEROOM_ASYNC_MODE": ("server", "async_mode"),
    "LIVEROOM_DATABASE_URL": ("database", "url"),
    "LIVEROOM_REDIS_URL": ("redis", "url"),
    "LIVEROOM_LINK_KEY": ("links", "key"),
    "LIVEROOM_MAIL_HOST": ("mail", "host"),
    "LIVEROOM_MAIL_PORT": ("mail", "port"),
    "LIVEROOM_MAIL_USER": ("mail", "user"),
    "LIVEROOM_MAIL_PASSWORD": ("mail", "password"),
    "LIVEROOM_GATEWAY_URL": ("gateway", "url"),
    "LIVEROOM_GATEWAY_SECRET": ("gateway", "secret"),
}
# The one setting that no file may hold.
TRUST, TRUST_WORDS = "LIVEROOM_TRUST_LOOPBACK", {"1": True, "0": False}
# Read elsewhere: where the file is, a test room's time, a new password, a provider's secret, and what only tests vary.
OTHERS = frozenset(
    f"LIVEROOM_{name}" for name in ("CONFIG", "TIME_FILE", "PASSWORD", "OPENID_SECRET", "DRILL_SEED", "DOCTOR_SAMPLE")
)


def override(raw: dict[str, Any], environment: Mapping[str, str]) -> list[Fault]:
    """Write what the environment says into ``raw``; what is wrong with it, by variable."""
    faults = []
    for name, keys in OVERRIDES.items():
        if environment.get(name):
            faults += _put(raw, keys, environment[name], name)
    faults += _trust(raw, environment.get(TRUST, ""))
    known = {*OVERRIDES, *OTHERS, TRUST}
    # One letter wrong in LIVEROOM_DATABASE_URL, and an empty room would be served from a file.
    for name in sorted(environment):
        if name.startswith("LIVEROOM_") and name not in known and not name.startswith(SECRET):
            faults.append(Fault(name, f"is not a variable that the room reads{alike(name, known)}"))
    return faults


def said_by(fault: Fault, file: str, environment: Mapping[str, str]) -> Fault:
    """The same fault under the variable that brought it, where the environment won over the file."""
    for name, keys in OVERRIDES.items():
        if environment.get(name) and fault.where == f"{file}: {'.'.join(keys)}":
            return Fault(f"{name} ({'.'.join(keys)})", fault.message)
    return fault


def _trust(raw: dict[str, Any], said: str) -> list[Fault]:
    """Put the trust into loopback beside the other settings of the server."""
    server = raw.get("server") or {}
    if not isinstance(server, dict):
        return []  # the file's own fault, which is told
    if "trust_loopback" in server:
        return [Fault(TRUST, "is said in the environment alone: take server.trust_loopback out of the file")]
    if said and said not in TRUST_WORDS:
        return [Fault(TRUST, f"must be 1 or 0, not {said!r}")]
    if said:
        raw["server"] = {**server, "trust_loopback": TRUST_WORDS[said]}
    return []


def _put(raw: dict[str, Any], keys: tuple[str, ...], text: str, name: str) -> list[Fault]:
    target = raw
    for key in keys[:-1]:
        if target.get(key) is None:
            target[key] = {}
        if not isinstance(target[key], dict):
            return []  # the file's own fault, which is told
        target = target[key]
    if keys[-1] == "port" and not text.isdecimal():
        return [Fault(name, f"must be a port number, not {text!r}")]
    target[keys[-1]] = int(text) if keys[-1] == "port" else text
    return []
