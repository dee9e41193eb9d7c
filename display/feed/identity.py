"""The epoch on the wire: whatever changes cards without an event changes it, so a screen takes a new snapshot."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a process serves: its ``build`` (sorts by time) and the hash of its city pack."""

    build: str
    pack: str

    def epoch(self, log_epoch: str, audience: str) -> str:
        """The opaque epoch of one audience's feed of one log."""
        parts = "\n".join((log_epoch, self.build, self.pack, audience))
        return hashlib.sha256(parts.encode()).hexdigest()[:24]
