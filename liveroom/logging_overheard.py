"""What libraries print on standard error, as records: whole lines, and of a traceback its places and its type.

Async libraries print the errors of their greenlets themselves. The text of an error may quote a complaint, so of what
looks like one nothing is kept but where it happened and what it was.
"""

import io
import logging

LONGEST = 500
OPENS = "Traceback (most recent call last):"
log = logging.getLogger("liveroom.stderr")


class Overheard(io.TextIOBase):
    """Stands in for ``sys.stderr``. A traceback comes in one piece or in pieces; its message is always in one."""

    def __init__(self) -> None:
        super().__init__()
        self._places: list[str] | None = None

    encoding = "utf-8"
    errors = "backslashreplace"

    def writable(self) -> bool:
        """True."""
        return True

    def write(self, text: str) -> int:
        """Take what was printed; returns its length."""
        if not isinstance(text, str):
            raise TypeError("standard error takes text")
        if OPENS in text:
            self._places = []
        if self._places is None:
            self._line(text)
        else:
            self._piece(self._places, text)
        return len(text)

    @staticmethod
    def _line(text: str) -> None:
        told = " ".join(text.split())[:LONGEST]
        if told:
            log.log(logging.ERROR if told.startswith("Error: ") else logging.WARNING, "%s", told)

    def _piece(self, places: list[str], text: str) -> None:
        for line in text.splitlines():
            if line.startswith('  File "'):
                places.append(line.strip())
            elif line and not line.startswith((" ", OPENS)):
                self._places = None
                kind = line.partition(":")[0][:LONGEST] or "error"
                log.error("a library printed an error: %s", kind, extra={"where": tuple(places)})
                return
