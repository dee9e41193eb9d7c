"""What a process tells the person who started it: one line a thing, on standard output, at once."""

import sys


def say(line: str) -> None:
    """One line."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
