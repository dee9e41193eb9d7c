"""Evaluations: each number against a plain recomputation from the raw log, and the door to them."""
