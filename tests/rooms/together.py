"""Threads that start at the same moment, and whose failures fail the test."""

import threading
from collections.abc import Callable


def together(number: int, work: Callable[[int], object]) -> None:
    """Run `work(0)` … `work(number - 1)` at once, each in a thread; raises the first error any of them met."""
    start, errors = threading.Barrier(number), list[BaseException]()

    def run(index: int) -> None:
        start.wait(30)
        try:
            work(index)
        except BaseException as error:  # noqa: BLE001 - raised again below, in the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=run, args=(index,), daemon=True) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive(), "a thread still runs after two minutes"
    if errors:
        raise errors[0]
