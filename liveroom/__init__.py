"""The room: one log of events, the pure rules that write it, and the doors to it."""
