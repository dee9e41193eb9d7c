"""Setting up a second factor: a key drawn anew, shown to a telephone, and confirmed by the first code that it makes.

The key waits in the form itself, sealed: nothing is kept of whoever turns back, and a page asked for twice is two keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request
from markupsafe import Markup

from liveroom.accounts.second_factor import Seal, factor_of, grouped, new_recovery_codes, new_secret, picture, step_of
from liveroom.accounts.users import Who
from liveroom.log.event_log import database_now
from liveroom.room.commands.users import set_factor, use_code
from liveroom.room.room import Room
from liveroom.room.transaction import WorkingSet

# Time to install an app on a telephone.
LASTS_S = 30 * 60
LONGEST_SEALED = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A key that came back in a form, with the step of the code that confirms it; None of a wrong code."""

    secret: str
    step: int | None


class Enrolment:
    """What the log-in and a person's own page share."""

    def __init__(self, room: Room, seal: Seal) -> None:
        self._room = room
        self.seal = seal

    def shown(self, who: Who, secret: str | None, lang: str) -> Mapping[str, object]:
        """What a page shows of a key: its picture, its letters, and the sealed value that its form sends back."""
        key = secret or new_secret()
        city = self._room.city
        called = f"{'LATIHAN ' if self._room.kind == 'drill' else ''}{city.room_name}"
        title = "QR code of the key" if lang == "en" else "Kode QR kunci"
        drawn = Markup(picture(key, who.actor, called, title))  # drawn here, its words escaped
        return {"qr": drawn, "secret": grouped(key), "sealed": self.seal.close(who.actor, key)}

    def begun(self, who: Who) -> Begun | None:
        """The key of the form that was sent; None for one too old, or of somebody else."""
        sealed = request.form.get("sealed", "")
        secret = self.seal.open(who.actor, sealed, LASTS_S) if len(sealed) <= LONGEST_SEALED else None
        if secret is None:
            return None
        now = self._room.log.read(database_now)
        return Begun(secret=secret, step=step_of(secret, request.form.get("code", ""), now))

    def set(self, who: Who, secret: str, step: int, current: str | None) -> tuple[str, ...] | None:
        """Keep the key; the recovery codes that are shown once. None when the person has a second factor already and
        ``current`` is no code of it: whoever only has the password cannot replace it."""
        codes, sealed = new_recovery_codes(), self.seal.close(who.actor, secret)

        def work(work: WorkingSet) -> tuple[str, ...] | None:
            if not self._may(work, who.actor, current):
                return None
            set_factor(work, who.actor, sealed, step, codes)
            return codes

        return self._room.unit(work)

    def _may(self, work: WorkingSet, actor: str, current: str | None) -> bool:
        if factor_of(work.unit.connection, actor) is None:
            return True
        return current is not None and use_code(work, actor, current, self.seal)
