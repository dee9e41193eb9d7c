"""What desks ask for beside the feed: a complaint whole, lists, suggestions, an agency's load, the handover."""
