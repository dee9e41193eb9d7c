"""The feed: one log, one moment, one encoded batch an audience; docs/feed.md is its specification."""
