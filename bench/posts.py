"""Sources in a process of their own that post at a steady pace or as fast as they are answered."""

import http.client
import json
import multiprocessing
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bench.room import complaint

KINDS = ("jalan_rusak", "sampah", "pju_mati", "drainase", "parkir_liar", "taman", "trotoar", "pkl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """``rate`` posts a second for ``seconds``, 0 = as fast as answered; over ``width`` connections.

    ``spread``: all over the city and of many kinds, or all of one kind in one place.
    """

    url: str
    path: str
    key: str
    name: str
    rate: float
    seconds: float
    width: int = 16
    spread: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """``waits`` in seconds from the moment each was due, so that a stall is counted for all it held up."""

    waits: list[float]
    statuses: dict[int, int]
    seconds: float

    @property
    def rate(self) -> float:
        """Answered 2xx a second."""
        return sum(n for status, n in self.statuses.items() if 200 <= status < 300) / self.seconds


def joined(parts: Sequence[Posted]) -> Posted:
    """Several loads, one after the other, as one."""
    statuses: dict[int, int] = {}
    for part in parts:
        for status, count in part.statuses.items():
            statuses[status] = statuses.get(status, 0) + count
    waits = [wait for part in parts for wait in part.waits]
    return Posted(waits=waits, statuses=statuses, seconds=sum(part.seconds for part in parts))


class Posting:
    """One load, running in a child process from the call on."""

    def __init__(self, load: Load) -> None:
        context = multiprocessing.get_context("spawn")
        self._answers: Any = context.SimpleQueue()
        self._child = context.Process(target=_run, args=(load, self._answers), daemon=True)
        self._child.start()

    def finish(self) -> Posted:
        """Wait for the end of it."""
        posted: Posted = self._answers.get()
        self._child.join()
        return posted


def _run(load: Load, answers: Any) -> None:
    begun, waits, statuses = time.monotonic(), list[float](), dict[int, int]()
    turns, lock = _turns(load, begun), threading.Lock()

    def work() -> None:
        connection = _connect(load)
        while True:
            with lock:
                number, due = next(turns, (-1, 0.0))
            if number < 0:
                return
            time.sleep(max(0.0, due - time.monotonic()))
            status = _post(connection, load, number)
            waits.append(time.monotonic() - due)
            with lock:
                statuses[status] = statuses.get(status, 0) + 1

    threads = [threading.Thread(target=work) for _ in range(load.width)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.put(Posted(waits=waits, statuses=statuses, seconds=time.monotonic() - begun))


def _turns(load: Load, begun: float) -> Iterator[tuple[int, float]]:
    """Number and due moment of each post."""
    number = 0
    while (due := begun + number / load.rate if load.rate else time.monotonic()) < begun + load.seconds:
        yield number, due
        number += 1


def _body(load: Load, number: int) -> dict[str, Any]:
    if not load.spread:
        return complaint(number, name=load.name)
    place = (-6.13 - number * 37 % 101 / 1000, 106.6 + number * 53 % 103 / 1000)
    return complaint(number, place=place, name=load.name) | {"category": KINDS[number % len(KINDS)]}


def _connect(load: Load) -> http.client.HTTPConnection:
    parts = urlsplit(load.url)
    return http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=30)


def _post(connection: http.client.HTTPConnection, load: Load, number: int) -> int:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {load.key}"}
    try:
        connection.request("POST", load.path, json.dumps(_body(load, number)), headers)
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException):
        connection.close()
        return 0
    return response.status
