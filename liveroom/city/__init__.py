"""A city as data: reads a pack from ``cities/``, names every fault in it, and answers where a point lies and what is promised."""
