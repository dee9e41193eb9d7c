"""Alarms: their rules, pure. docs/alarms.md says them in words; CR numbers are the rules of control-room.md.

`model`: what an alarm is: kinds, states, ids, limits.
`rules`: which events raise, end or suppress alarms; timers, losses, floods.
`commands`: who may acknowledge, shelve or suppress; command + alarm + now -> events or a refusal.
`evolve`: alarm + event -> alarm.
`records`: the record of each type of alarm: priority, owner, and the keys of its texts.
`performance`: alarm rates and response times against their targets.
"""
