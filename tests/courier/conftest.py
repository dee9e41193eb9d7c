"""Real receivers, and a room that sends to them, on either database."""

from tests.rooms.post_room import city, mailbox, post, post_on_file, system

__all__ = ["city", "mailbox", "post", "post_on_file", "system"]
