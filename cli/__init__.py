"""The command line, `run.py COMMAND`.

- `main`: the group of all commands; imports only the one that is called
- `serve`: web, clock, courier, ingest, replay, and serving the whole room; `process`: one process from start to end
- `weeks`: the past of a new drill, and what its port answers while that is made
- `accounts`: screen, user; `sources`: source and its quarantine
- `data`: import, backup, restore, erase, accesses, doctor, clock repair
- `reports`: reports as files, and the press of their schedule
- `city`: check and replan; `outbox`: status and release; `feed`: check of any server that speaks the feed
- `context`: what every command starts from, and how it reports faults
"""
