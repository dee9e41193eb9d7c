"""What the walks met stands at the end, in whichever process they went."""

import pytest

from tests.rooms.passwords import cheap_passwords
from tests.soak.matrix import AXE, table
from tests.soak.walk import MET

__all__ = ["cheap_passwords"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the counts of every walk, and what axe-core found on all pages."""
    reports = [one for outcome in ("passed", "failed") for one in terminalreporter.getreports(outcome)]
    told = [(name, str(text)) for report in reports if report.when == "call" for name, text in report.user_properties]
    for text in (text for name, text in told if name == MET):
        terminalreporter.write_line(text)
    if cells := [text for name, text in told if name == AXE]:
        terminalreporter.write_line(table(cells))
