"""What the log amounts to: rows that are a function of the events and can be rebuilt from them at any time."""

# Raise it with every change to what `evolve` or the rows mean: the projection is then rebuilt at the next start.
VERSION = "8"
