"""A citizen with a browser that runs no script, and the people who handle the report."""

import re
from datetime import timedelta
from hashlib import sha256
from itertools import count
from struct import pack
from typing import Any

from werkzeug.test import TestResponse

from liveroom.domain.requests import Command
from liveroom.domain.timestamps import to_micros
from liveroom.log.event_log import history, read_head, set_time
from liveroom.projection.complaints import complaints
from liveroom.runtime.time import RoomTime
from tests.rooms.staffed import House

SAID = {"category": "jalan_rusak", "description": "Lubang dalam di depan pasar", "address": "Depan pasar"}
_names = count(1)


class Citizen:
    """``link`` is that of the last report."""

    def __init__(self, house: House, address: str = "203.0.113.9") -> None:
        self.house = house
        self.browser = house.browser()
        self.browser.headers["X-Forwarded-For"] = address
        self.link = ""

    def ticket(self) -> str:
        found = re.search(r'name="ticket" value="([^"]+)"', self.browser.get("/lapor").text)
        assert found
        return found[1]

    def post_solved(self, effort: int, **fields: str) -> TestResponse:
        """The same with so many puzzles of its ticket solved, as the page's script does."""
        ticket = fields.get("ticket") or self.ticket()
        return self.post(**{"ticket": ticket, "solution": solved(ticket, effort), **fields})

    def post(self, **fields: str) -> TestResponse:
        """The form as a browser posts it."""
        return self.browser.post("/lapor", data={"ticket": self.ticket(), **SAID, **fields})

    def send(self, **fields: str) -> str:
        """A report that is taken; returns its complaint's id."""
        answer = self.post(checked="1", **fields)
        assert answer.status_code == 303, answer.text
        self.link = answer.headers["Location"].partition("?")[0]
        return self.id

    @property
    def id(self) -> str:
        return complaint_of(self.house, self.number)

    @property
    def number(self) -> str:
        found = re.search(r'class="number">([^<]+)<', self.page())
        assert found
        return found[1]

    def page(self, **words: str) -> str:
        answer = self.browser.get(self.link, query_string=words)
        assert answer.status_code == 200
        return answer.text

    def say(self, what: str, **fields: str) -> TestResponse:
        return self.browser.post(f"{self.link}/{what}", data=fields)


def solved(ticket: str, effort: int) -> str:
    """The nonces, as any telephone finds them."""
    ground = sha256(f"liveroom-puzzle:{ticket}".encode()).digest()

    def fits(index: int, nonce: int) -> bool:
        return sha256(ground + pack(">II", index, nonce)).digest()[:2] < b"\x00\x04"

    return ".".join(_base36(next(n for n in count() if fits(index, n))) for index in range(effort))


def _base36(number: int) -> str:
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def complaint_of(house: House, number: str) -> str:
    return next(one.id for one in house.opened.room.open_of("lapor") if one.source_id == number)


def order(house: House, id_: str, name: str, *, role: str = "duty", **fields: Any) -> None:
    """Do something at the desk or the agency."""
    given = {
        "command_id": f"lapor-{next(_names)}",
        "seen_seq": house.log.read(read_head).seq,
        "actor": fields.pop("actor", role),
        "actor_agency": "dpupr" if role.startswith("agency") else None,
    }
    house.opened.room.execute(Command(name=name, subject=id_, role=role, fields=fields, **given))


def until_done(house: House, id_: str) -> None:
    (complaint,) = house.log.read(lambda c: complaints(c, (id_,)))
    if not complaint.agencies:
        order(house, id_, "forward", agency="dpupr")
    for name in ("accept", "start", "submit_proof"):
        order(house, id_, name, role="agency")
    order(house, id_, "validate")


def later(house: House, **span: float) -> None:
    """Let the room's time stand so much further on."""
    at = house.opened.room.now() + timedelta(**span)
    time = RoomTime(real_base=0, room_base=to_micros(at), rate=0)
    house.log.write(lambda unit: set_time(unit.connection, time))


def kinds(house: House, id_: str) -> list[str]:
    return [logged.event.kind.value for logged in house.log.read(lambda c: history(c, id_))]
