"""Measuring the shape of the code."""
