"""A real room on a real database: what the tests of log and feed stand in, and the tests of the room itself."""
