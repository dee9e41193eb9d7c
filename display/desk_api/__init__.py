"""What desks ask for beside the feed: one complaint whole, lists, suggestions, an agency's load, the shift's handover."""
