"""A standing room of real processes: webs and clocks started as an operator starts them, acted on by HTTP alone.

It answers to what `Week` asks of a `StandingRoom`; the log is read from the database beside the servers.
"""

import os
import signal
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import count, cycle
from pathlib import Path
from typing import Any, TypeVar

import httpx

from liveroom.domain.events import LoggedEvent
from liveroom.domain.requests import Code, Refused
from liveroom.domain.timestamps import to_text
from liveroom.log.engine import Connection, open_engine
from liveroom.log.event_log import EventLog, Head, events, read_head, room_now
from liveroom.log.lease import read_pulse
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.standing import PLACE
from tests.services.frozen import family
from tests.services.server import Server
from tests.services.wait import until

T = TypeVar("T")
MOVED_S = 180.0


class FarRoom:
    """``webs`` are asked in turn; ``clocks`` may be the webs themselves, where one process does all."""

    def __init__(self, webs: Sequence[Server], clocks: Sequence[Server], *, url: str, hands: Path) -> None:
        self.webs, self.clocks = webs, clocks
        self.key = webs[0].last_word("source", "add", "lapor")
        self._turns = cycle(webs)
        self._hands = hands
        self._names = count(1)
        self._asleep = False
        self._http = httpx.Client(timeout=120)
        self._engine = open_engine(url, synced=False)
        self.log = EventLog(self._engine, ThreadRuntime(), lambda _seq: None)

    @property
    def now(self) -> datetime:
        return self.read(room_now)

    def at(self, moment: datetime) -> "FarRoom":
        """Move the hands and wait for a clock to have judged all until then; sleeping clocks wake after the move."""
        turn_hands(self._hands, moment)
        if self._asleep:
            self._asleep = False
            for n in range(len(self.clocks)):
                self.operate("cont", n)
        until(lambda: self._judged(moment), within=MOVED_S, why=f"the pulse to reach {moment}")
        return self

    def _judged(self, moment: datetime) -> bool:
        pulse = self.read(read_pulse)
        return pulse is not None and pulse.due_to >= moment and self.now == moment

    def clock(self) -> "FarRoom":
        return self

    def tick(self) -> bool:
        """The clocks tick by themselves; ``at`` waited for them."""
        return True

    def receive(self, source_id: str, **said: Any) -> str:
        headers = {"Authorization": f"Bearer {self.key}"}
        body = {"source_id": source_id, **PLACE, **said}
        answer = self._post("complaints", body, headers)
        assert answer.status_code in (200, 201), answer.text
        return str(answer.json()["id"])

    def execute(self, name: str, id_: str, *, by: str = "supervisor", about: str = "complaint", **fields: Any) -> None:
        """Give a command. Raises Refused when the room says no, as the room's own door does."""
        body = {
            "command_id": f"week-{next(self._names)}",
            "seen_seq": self.head().seq,
            "actor": by,
            "role": by,
            **fields,
        }
        if by.startswith("agency"):
            body["actor_agency"] = "dpupr"
        answer = self._post(f"{about}s/{id_}/{name}", body)
        if answer.status_code in (409, 422):
            raise Refused(Code.STATE, answer.text)
        assert answer.status_code == 200, answer.text

    def _post(self, path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> httpx.Response:
        """As a source and a desk do: again while the database is away, as when a clock hangs with its lock."""

        def answer() -> httpx.Response | None:
            one = self._http.post(f"{next(self._turns).url}/api/v1/{path}", json=body, headers=headers)
            return None if one.status_code == httpx.codes.SERVICE_UNAVAILABLE else one

        found = until(answer, within=MOVED_S, why=f"an answer to {path}")
        assert found is not None
        return found

    def read(self, work: Callable[[Connection], T]) -> T:
        return self.log.read(work)

    def head(self) -> Head:
        return self.read(read_head)

    def events(self, after: int = 0) -> tuple[LoggedEvent, ...]:
        return self.read(lambda c: events(c, after, 1_000_000))

    def operate(self, act: str, n: int) -> None:
        """Stop a clock as a machine that hangs, let it go on, or kill it and start it again."""
        clock = self.clocks[n]
        if act == "kill":
            clock.kill()
            clock.start(ready=False)
            return
        for pid in family(clock.process.pid):
            os.kill(pid, signal.SIGSTOP if act == "stop" else signal.SIGCONT)

    def sleep(self) -> None:
        """An outage: no clock runs until the hands have moved."""
        for n in range(len(self.clocks)):
            self.operate("stop", n)
        self._asleep = True

    def close(self) -> None:
        """Let go of all; the servers run on."""
        self._http.close()
        self._engine.dispose()


def turn_hands(hands: Path, moment: datetime) -> None:
    """Write the time file whole, never half."""
    fresh = hands.with_suffix(".new")
    fresh.write_text(to_text(moment) + "\n")
    fresh.replace(hands)
