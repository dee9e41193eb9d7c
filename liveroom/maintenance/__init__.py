"""Upkeep of a room: what the command line and background jobs do to it beside its daily work.

- `retention`: erase what was kept for long enough; erase unused uploads; sweep uploads under way
- `erasure`: erase complaints at somebody's request (law 27/2022)
- `restore`: replace a room by a backup, minus what was erased since
- `replan`: plan open complaints anew after the city's policy changed
- `clock_repair`: put a room right whose machine's clock was ahead
- `room_metrics`: what an operator asks of a room as a whole, for /metrics
- `exposure`: warnings about what is open to strangers; the set-up link of the first admin
"""
