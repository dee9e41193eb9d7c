"""The fixture of the tests that read a citizen's letters."""

from tests.courier.conftest import mailbox

__all__ = ["mailbox"]
