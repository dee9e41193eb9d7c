"""The intake: whatever arrives from outside becomes a Report here and goes to the room; no screens, no tables.

- `sources/`: one file for each kind of source (HTTP API, file import, replay, watched folder, journal, mailbox,
  Open311 polled).
- `open311/`: the Open311 server; `hooks/`: JSON of any making.
- `mail/`: mails of citizens, as words, photos and threads.
- `pull`: what a kind of source is that the room asks by itself; `runner`: everything about it that is not its own.
- `imports`: files that people import on a page, worked on in the background.
- `drill/`: the invented citizens and staff of a drill room.
"""
