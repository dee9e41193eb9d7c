"""Pages, tokens and who may see what."""
