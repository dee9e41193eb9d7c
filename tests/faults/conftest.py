"""The fixture of the fault tests."""

from tests.services.screen import watch

__all__ = ["watch"]
