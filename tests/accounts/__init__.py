"""Users, sources, links, and the counters against guessing, in both databases."""
