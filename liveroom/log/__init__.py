"""The event log and everything else that is kept in the database.

- `schema`: every table: truth, projection, of the moment
- `engine`: how a database is opened, migrated and cleaned up, and why it does not answer
- `event_log`: EventLog (write, read), Transaction, Head, events as rows, answers to commands
- `rows`: inserts, upserts and updates that are made and compiled once
- `time_guard`: which readings of the clock are refused
- `lease`: which process does a job, the clock's pulse, the lock against a second server
- `texts`: what others said: texts, persons, links to pictures, warnings; who was shown them
- `uploads`: photos and videos that people send, and their bounds
- `outbox`: deliveries and the attempts at them
- `erasure`: what is emptied, and the ledger of erasures
- `backup`: the truth as a file, and back
- `doorbell`: the wake-up of other processes after a commit
- `migrations/`: the baseline that makes the tables, and what has changed them since
"""

from liveroom.log import schema

__all__ = ["schema"]
