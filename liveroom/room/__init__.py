"""The write side of a room: every event is written through here.

- `room`: ``Room.accept`` (reports) and ``Room.execute`` (commands), each in one transaction; group commit of reports
- `bulk`: many reports of one source in one transaction, as of an import: the same log for a part of the time
- `pipeline`: the steps of every command, in the order of the refusals
- `commands`: what each command needs and causes, one file per subject
- `transaction`: the unit of work: append events with their projections, alarms and deliveries; settle what is due
- `past`: what a drill has lived before it opened, written in bulk by the same rules
- `recipients`: by which channel each receiver is reached
- `clock`: the scheduler: due deadlines, days, silence, sound test, surges
- `trace`: a complaint's way to the glass, in the journal under its id
- `trial`: field by field, what a payload would become, and every fault of it
- `bootstrap`: open or create the room of a database for a process
"""
