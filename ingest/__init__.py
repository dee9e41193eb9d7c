"""The intake: whatever arrives from outside becomes a Report here and goes to the room; no screens, no tables.

- `sources/`: one file for each kind of source (HTTP API, Open311, file import, replay).
- `drill/`: the invented citizens and staff of a drill room.
"""
