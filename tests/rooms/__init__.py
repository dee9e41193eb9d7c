"""Rooms to test in: standing and staffed ones, what happens in them, and the files that people send to them."""
