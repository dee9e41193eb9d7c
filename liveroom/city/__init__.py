"""A city as data: reads a pack from ``cities/``, names its faults, and knows its places, promises and hours."""
