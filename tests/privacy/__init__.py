"""Personal data: nowhere where it must not be, and after erasure nowhere at all."""
