"""What a screen may rely on: docs/feed.md, tried on real logs."""
