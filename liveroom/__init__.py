"""The room: one log of events, the pure rules that write it, and the doors to it.

- `interface`: the words in which the doors describe their HTTP routes
"""

# The one place of the version: `run.py --version` and the start page read it. CHANGELOG.md has a heading for each.
__version__ = "0.2.0"
