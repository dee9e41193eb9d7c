"""Mail of citizens: bytes that a mail server gave become words, photos and threads.

- `message`: one mail, read within bounds: who wrote it, what it answers, its photos, whether a robot sent it.
- `plain_text`: text of any encoding or of HTML, and what of it is the writer's own.
- `letter_intake`: mails into the room: a new complaint, or a further word on one, and the photos of either.
"""
