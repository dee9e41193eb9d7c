"""The doors in: whatever arrives from outside becomes a Report here and goes to the room; no screens, no tables."""
