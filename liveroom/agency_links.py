"""Signed links: one agency, one complaint, until a moment; whoever holds one acts for that agency on that complaint.

A link proves nothing about the complaint: whether it still lies with the agency is asked anew at every use.
"""

import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from itsdangerous import BadData, URLSafeSerializer

from liveroom.runtime.config import SHORTEST_KEY, Config
from liveroom.runtime.errors import ConfigError, Fault

KEY_FILE = "link.key"
LONGEST = 512


class LinkFault(StrEnum):
    """Why a link opens nothing: not ours (or of another key or log), over, or of another complaint."""

    BAD = "bad"
    EXPIRED = "expired"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyLink:
    """What a good link says; ``until`` is room time, aware UTC."""

    agency: str
    complaint: str
    until: datetime


class AgencyLinks:
    """Makes and reads the links of one log: those of a room before its restore are void. ``address`` None: none."""

    def __init__(self, *, key: str, epoch: str, address: str | None, lasts: timedelta) -> None:
        self._signed = URLSafeSerializer(key, salt=f"agency-link:{epoch}")
        self._address = address
        self._lasts = lasts

    def link_for(self, agency: str, complaint_id: str, now: datetime) -> str | None:
        """The address that opens this complaint for this agency, counted from room time ``now``; None without one."""
        if self._address is None:
            return None
        return f"{self._address}/agency/c/{complaint_id}?k={self.token(agency, complaint_id, now)}"

    def token(self, agency: str, complaint_id: str, now: datetime) -> str:
        """What the link carries."""
        return str(self._signed.dumps([agency, complaint_id, int((now + self._lasts).timestamp())]))

    def read(self, token: str, complaint_id: str, now: datetime) -> AgencyLink | LinkFault:
        """The link of a token as shown for a complaint, or why it opens nothing."""
        try:
            agency, complaint, until = self._signed.loads(token[:LONGEST])
        except (BadData, ValueError, TypeError):
            return LinkFault.BAD
        ends = datetime.fromtimestamp(until, UTC)
        if ends <= now:
            return LinkFault.EXPIRED
        if complaint != complaint_id:
            return LinkFault.OTHER
        return AgencyLink(agency=agency, complaint=complaint, until=ends)


def agency_links(config: Config, epoch: str, kind: str) -> AgencyLinks:
    """The links of a room; a drill's and a test's lead to this machine where no address is known."""
    links = config.links
    return AgencyLinks(
        key=key_of(config), epoch=epoch, address=address_of(config, kind), lasts=timedelta(days=links.days)
    )


def address_of(config: Config, kind: str) -> str | None:
    """Under which people beyond this machine reach the room; None where a real one knows none."""
    server = config.server
    address = config.links.address or (f"https://{server.hosts[0]}" if server.hosts else None)
    if address is None and kind != "real":
        address = f"http://127.0.0.1:{server.port}"
    return address.rstrip("/") if address else None


def key_of(config: Config) -> str:
    """What signs links: the configured key, or the one that is kept in the data folder."""
    return config.links.key or kept_key(Path(config.data_dir))


def kept_key(folder: Path) -> str:
    """The key in the data folder, drawn at first use; nobody but its owner reads it. Processes may race for it.

    Raises ConfigError when the file holds none.
    """
    path = folder / KEY_FILE
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{KEY_FILE}.{secrets.token_hex(8)}"
    if not path.exists():
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(part, path)  # whole or not at all, and the first one stays
        except FileExistsError:
            pass
        finally:
            part.unlink()
    key = path.read_text("ascii", "replace").strip()
    if len(key) < SHORTEST_KEY:  # cut off by a full disk or a power cut: whoever guesses it signs for every agency
        remedy = "put back a copy of it, or remove it: a new one is drawn, and links in letters already sent end"
        raise ConfigError([Fault(str(path), f"must hold at least {SHORTEST_KEY} characters; {remedy}")])
    return key
