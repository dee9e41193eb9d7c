"""Figures: what a scene needs beyond its cards, built at one position of the log; docs/figures.md specifies them."""
