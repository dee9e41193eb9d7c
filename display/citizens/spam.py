"""Keeps machines off the citizens' page without shutting a crowd out: first what a form cost, then where it is from.

Behind one address of a telephone network are thousands of people, and in a flood they all write. So a form with a
solved puzzle (``liveroom/puzzle.py``) has one limit far above what a crowd does, and the puzzles become more where many
come from; one without, from a browser that runs no script, is counted strictly by its address, and with all of them.
What is counted is kept under keyed hashes and for as long as it counts.
"""

import hmac
from hashlib import sha256

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute

from display.counters import Counters, origin
from liveroom.runtime.config import FormSettings
from liveroom.runtime.time import monotonic

MINUTES = 15
OF_CONTACT, OF_LINK = 5, 20
# An hour's photos: by one solved ticket, which goes with three; by an address for each form that it may send; plain.
OF_TICKET, OF_FORM, PLAIN_FILES = 10, 3, 30
# Looks at one solved form: what is offered, corrected and sent again are some; each reads the database.
TRIES = 20
# What this process asked of an address lately; opening the form, as anybody may at any pace, counts and asks nothing.
TOLD_S, MOST_TOLD = 60, 4096
ALL = "all"


class Spam:
    """Waits in seconds, 0 for none. ``room`` keeps the counts of rooms that share a Redis apart, ``key`` hides whose
    they are."""

    def __init__(self, counters: Counters, room: str, key: str, forms: FormSettings) -> None:
        self._counters, self._key, self._forms = counters, key.encode(), forms
        self._space = f"liveroom:{room}:lapor"
        self._solved = self._quarter(forms.solved)
        self._crowd = self._quarter(forms.crowd_in_all * 2**forms.doublings)
        self._plain, self._plain_in_all = self._quarter(forms.plain), self._quarter(forms.plain_in_all)
        self._once, self._tries = self._quarter(1), self._quarter(TRIES)
        self._contact, self._link = self._hour(OF_CONTACT), self._hour(OF_LINK)
        self._files_of_ticket, self._plain_files = self._hour(OF_TICKET), self._hour(PLAIN_FILES)
        self._files = self._hour(OF_FORM * forms.solved)
        self._told: dict[str, tuple[int, float]] = {}

    def effort(self, address: str) -> int:
        """How many puzzles a form from there has to bring now: twice as many where a crowd is at it, and again."""
        place, forms = self._word(origin(address)), self._forms
        here = self._counters.count_of(self._solved, "solved", place) // forms.crowd
        everywhere = self._counters.count_of(self._crowd, "crowd", ALL) // forms.crowd_in_all
        if len(self._told) >= MOST_TOLD:
            self._told.clear()
        for whose, crowds in ((place, max(here, everywhere)), (ALL, everywhere)):
            self._told[whose] = min(forms.effort_most, forms.effort << crowds.bit_length()), monotonic()
        return self._told[place][0]

    def effort_told(self, address: str) -> int:
        """What a page that is opened there does well to solve, as far as this process knows."""
        told = (self._told.get(whose, (0, 0.0)) for whose in (self._word(origin(address)), ALL))
        return max((self._forms.effort, *(effort for effort, when in told if monotonic() - when < TOLD_S)))

    def of_solved(self, address: str, ticket: str) -> int:
        """Count a form with a solved puzzle: once a ticket, so that one ticket does not use up what a crowd has."""
        told = self._word(ticket)
        if not self._counters.wait_s(self._once, "ticket", told, count=False):
            if wait := self._counters.wait_s(self._solved, "solved", self._word(origin(address))):
                return wait
            self._counters.note(self._once, "ticket", told)
            self._counters.note(self._crowd, "crowd", ALL)
        return self._counters.wait_s(self._tries, "tries", told)

    def of_plain(self, address: str) -> int:
        """Count a form without one."""
        if wait := self._counters.wait_s(self._plain_in_all, "plain-in-all", ALL, count=False):
            return wait
        if wait := self._counters.wait_s(self._plain, "plain", self._word(origin(address))):
            return wait
        self._counters.note(self._plain_in_all, "plain-in-all", ALL)
        return 0

    def of_contact(self, contact: str) -> int:
        """Count a report with a telephone number or e-mail address."""
        return self._counters.wait_s(self._contact, "contact", self._word(contact.casefold()))

    def of_link(self, token: str) -> int:
        """Count what is done by one private link."""
        return self._counters.wait_s(self._link, "link", self._word(token))

    def of_files(self, address: str, ticket: str | None) -> int:
        """Count a picture that somebody begins to send; ``ticket``: a solved one, None for a plain form's."""
        place = self._word(origin(address))
        if ticket is None:
            return self._counters.wait_s(self._plain_files, "files", place)
        wait = self._counters.wait_s(self._files_of_ticket, "files-of-ticket", self._word(ticket))
        return wait or self._counters.wait_s(self._files, "files-solved", place)

    def _quarter(self, most: int) -> RateLimitItem:
        return RateLimitItemPerMinute(most, MINUTES, namespace=self._space)

    def _hour(self, most: int) -> RateLimitItem:
        return RateLimitItemPerHour(most, namespace=self._space)

    def _word(self, text: str) -> str:
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), sha256).hex()[:32]
