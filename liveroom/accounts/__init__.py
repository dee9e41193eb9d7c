"""Who may come in: people, their credentials and sessions, screens, sources, and the signed links of outsiders.

- `users`: who has an account and which role; create, change, disable, remove; the first admin's set-up link
- `credentials`: password policy and argon2id hashes, bearer tokens, one-time links that set a password, keys of rooms
- `second_factor`: TOTP codes, recovery codes, and log-ins that still wait for one
- `sessions`: who is logged in and until when; the list of people that an admin sees
- `oidc`: an OpenID Connect provider: where to send the browser, what its ID token proves
- `rate_limits`: counters that all web processes share; the networks a person is known to log in from
- `links`: signed links of agencies, tickets and links of citizens, and where a citizen can be written to
- `screens`: registered screens, pairing codes, heartbeats, which screen is dark, whose turn it is to restart
- `sources`: registered sources and their keys, paused, late or lost ones, their webhooks
- `arrivals`: what comes of each source, counted; how reading those goes that this room asks
- `quarantine`: what sources sent and the room refused, until somebody corrects or drops it
- `imports`: files that people import, how far each is, and where it lies

Rows and rules only: what is also an event is written by `liveroom.room.commands`.
"""
