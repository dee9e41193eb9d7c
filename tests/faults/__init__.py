"""Killed, stopped, full and slow: what is left of the room when something real goes wrong."""
