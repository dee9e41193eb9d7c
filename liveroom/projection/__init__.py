"""The read models: rows that follow from the events, and the reads of them.

- `fold`: events -> rows, inside the transaction that logs them; the list of read models; the rebuild
- `projector`: the interface of a read model; insert-or-update on either database
- `totals`: the counts that screens show
- `complaints`: complaints for the feed, the clock and the detail page; the open day
- `alarms`: alarms, and the statistics of them
- `notices`: floods, surges, room commands in force, released pictures
- `hazards`: warnings in force
- `agencies`: which agency has which complaint, and how much lies with each
- `figures`: milestones, spans and tallies, of which reports are made
- `search`: the desk's list and its search
- `similar`: what a desk is offered for a new complaint
- `followed`: what rooms that this one follows last said; of their logs, not of ours
- `past_state`: the room at a past position, as events make it
- `checkpoints`: the same kept at some positions, so that any other is reached soon
- `public`: the map that everybody may open
- `service_requests`: complaints as Open311 shows them, and what happened to them
- `audit`: whether rows and log agree: `doctor`
"""

# Raise it with every change to what `evolve` or the rows mean: the projection is then rebuilt at the next start.
VERSION = "8"
# Ids that one query takes at most.
IN_A_QUERY = 500
