"""The mailbox in which a citizen's letters are read."""

from tests.rooms.post_room import mailbox

__all__ = ["mailbox"]
