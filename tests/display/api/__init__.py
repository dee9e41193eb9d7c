"""What desks ask for beside the feed, on both databases."""
