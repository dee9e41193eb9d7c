"""Rooms of others that this one follows, each with a key that it gave: a province's wall over its cities.

- `foreign_feed`: what another room may answer, bounded and checked; how it is asked
- `foreign_room`: what is held of it at its position, and the block that a wall shows of it
- `follower`: asks every room once a second, in one process; writes down what each said

What is theirs stays theirs: no complaint, deadline or alarm of this room is made of it. docs/province.md.
"""
