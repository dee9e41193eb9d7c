"""Many sources posting at once, each request in its own place, and what every one of them was answered."""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

UNANSWERED = 0
# An answer that takes longer counts as none, where nothing else is said.
LONGEST_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`status` 0: the connection broke. `seconds` until the answer or the break; `id` and `seq` of a 2xx."""

    status: int
    seconds: float
    retry_after: str | None = None
    id: str | None = None
    seq: int | None = None

    @property
    def taken(self) -> bool:
        """A 2xx: the room has promised to keep it."""
        return self.status in (200, 201)


def complaint(source_id: str) -> dict[str, Any]:
    """A body whose place differs by its id, so that a card shown twice or for another would be seen."""
    number = int(source_id.rpartition("-")[2])
    return {
        "source_id": source_id,
        "category": "jalan_rusak",
        "lat": round(-6.15 - number % 100 / 2000, 5),
        "lon": round(106.60 + number // 100 / 500, 5),
    }


def post(client: httpx.Client, url: str, body: Any, headers: Mapping[str, str]) -> Answer:
    """Post one body; a broken connection is an answer too."""
    begun = time.monotonic()
    try:
        response = client.post(f"{url}/api/v1/complaints", json=body, headers=headers)
    except httpx.TransportError:
        return Answer(status=UNANSWERED, seconds=time.monotonic() - begun)
    said = response.json() if response.status_code in (200, 201) else {}
    return Answer(
        status=response.status_code,
        seconds=time.monotonic() - begun,
        retry_after=response.headers.get("Retry-After"),
        id=said.get("id"),
        seq=said.get("seq"),
    )


class Flood:
    """Posts `ids` over `width` connections, each id once; `answers` by id grows while it runs.

    An id is drawn when it is to be posted, one at a time: what draws them may do something between two of them.
    """

    def __init__(
        self, url: str, key: str, ids: Iterable[str], *, width: int = 40, longest_s: float = LONGEST_S
    ) -> None:
        self.url = url
        self.answers: dict[str, Answer] = {}
        self._headers = {"Authorization": f"Bearer {key}"}
        self._ids: Iterator[str] = iter(ids)
        self._longest_s = longest_s
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(width)]

    def start(self) -> "Flood":
        """Begin; returns at once."""
        for thread in self._threads:
            thread.start()
        return self

    def finish(self) -> dict[str, Answer]:
        """Wait for the last answer and return them all."""
        for thread in self._threads:
            thread.join()
        return self.answers

    def enough(self) -> dict[str, Answer]:
        """Post no more; the answers of all that was posted."""
        with self._lock:
            self._ids = iter(())
        return self.finish()

    @property
    def running(self) -> bool:
        """Whether anything is still to be posted or answered."""
        return any(thread.is_alive() for thread in self._threads)

    def count(self, *statuses: int) -> int:
        """How many were answered so, so far."""
        return sum(answer.status in statuses for answer in tuple(self.answers.values()))

    def _next(self) -> str | None:
        with self._lock:
            return next(self._ids, None)

    def _run(self) -> None:
        with httpx.Client(timeout=self._longest_s) as client:
            while (source_id := self._next()) is not None:
                self.answers[source_id] = post(client, self.url, complaint(source_id), self._headers)


def ids(name: str, count: int) -> tuple[str, ...]:
    """`count` source ids."""
    return tuple(f"{name}-{number}" for number in range(count))
