"""The wall in a real browser on a scripted room: the acceptance checks A10 to A30 that concern display."""
