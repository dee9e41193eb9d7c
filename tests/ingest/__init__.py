"""The doors in: posted, imported, replayed, and the drill."""
