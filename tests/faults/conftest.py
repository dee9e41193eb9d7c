"""The fixture of the fault tests."""

from tests.faults.screen import watch

__all__ = ["watch"]
