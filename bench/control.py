"""How late this machine lets anybody run: an idle process that wakes every 10 ms, measured beside everything else."""

import multiprocessing
import time
from multiprocessing.connection import Connection

EVERY_S = 0.01


class Control:
    """Running from the call on in a child process."""

    def __init__(self) -> None:
        self._here, there = multiprocessing.Pipe()
        self._child = multiprocessing.get_context("spawn").Process(target=_wake, args=(there,), daemon=True)
        self._child.start()
        self._here.recv()

    def finish(self) -> list[float]:
        """By how many seconds each wake-up was late."""
        self._here.send("end")
        late: list[float] = self._here.recv()
        self._child.join()
        return late


def _wake(pipe: Connection) -> None:
    late = list[float]()
    pipe.send("here")
    while not pipe.poll():
        due = time.perf_counter() + EVERY_S
        time.sleep(EVERY_S)
        late.append(time.perf_counter() - due)
    pipe.send(late)
