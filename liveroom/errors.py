"""The errors that name what is wrong with something a person wrote: all of it at once, each with its key."""

from collections.abc import Iterable
from dataclasses import dataclass

LONGEST = 600


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: ``where`` is file and key path (``city.yaml: escalation[mayor].to``), ``message`` says what."""

    where: str
    message: str

    def __str__(self) -> str:
        """One line for the terminal, of bounded length: parts of it stood in a file that somebody sent."""
        return f"{_line(self.where)}: {_line(self.message)}"


def _line(text: str) -> str:
    shown = "".join(one if one.isprintable() else repr(one)[1:-1] for one in text[: LONGEST + 1])
    return shown if len(text) <= LONGEST else f"{shown[:LONGEST]}…"


class ConfigError(Exception):
    """A city pack or settings file with faults; ``faults`` holds every one of them, not the first."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep the faults in the order in which they were found."""
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))
