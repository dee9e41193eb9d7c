"""The description of the interface is what the room does: every route is in it, and every answer is as it says."""
