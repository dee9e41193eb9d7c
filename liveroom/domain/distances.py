"""Distances within a city: the earth is flat enough there."""

from math import cos, hypot, radians

METRES_A_DEGREE = 111_195.0


def metres_between(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Metres between two points in WGS 84 degrees, right to a metre in a kilometre."""
    east = (other_lon - lon) * cos(radians((lat + other_lat) / 2))
    return METRES_A_DEGREE * hypot(other_lat - lat, east)
