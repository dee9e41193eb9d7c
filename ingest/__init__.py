"""The intake: whatever arrives from outside becomes a Report here and goes to the room; no screens, no tables.

- `sources/`: one file for each kind of source (HTTP API, file import, replay, watched folder, Redis stream …).
- `hazards/`: how a warning's document is read (CAP), and an index of them.
- `open311/`: the Open311 server; `hooks/`: JSON of any making.
- `mail/`: mails of citizens, as words, photos and threads.
- `pull`: what a kind of source is that the room asks by itself; `runner`: everything about it that is not its own.
- `gauges`: what readings of gauges mean: episodes from a level that is passed until it is left for good.
- `intake_routes`: what is known of the routes of these doors, for the description of the interface.
- `imports`: files that people import on a page, worked on in the background.
- `rooms/`: rooms of others that this one follows; their complaints stay theirs.
- `drill/`: the invented citizens and staff of a drill room.
"""
