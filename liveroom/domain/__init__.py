"""The pure rules of a complaint room: no clock, no rows, no framework, nothing of ours from outside this package."""
