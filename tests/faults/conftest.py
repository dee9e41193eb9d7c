"""Fixtures of the fault tests."""

pytest_plugins: list[str] = []

from tests.faults.screen import watch  # noqa: E402, F401 - a fixture
