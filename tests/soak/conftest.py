"""What the walks met stands at the end, in whichever process they went."""

import pytest

from tests.rooms.passwords import cheap_passwords
from tests.soak.walk import MET

__all__ = ["cheap_passwords"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the counts of every walk."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, text in report.user_properties:
                if name == MET and report.when == "call":
                    terminalreporter.write_line(str(text))
