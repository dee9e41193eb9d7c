"""The drill: endless days of invented complaints and their handling by simulated staff, all of it from a seed."""
