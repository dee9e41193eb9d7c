"""Screens: paired, heard, dark, cut off, and the one that speaks."""
