"""What an installer copies: the kiosk, the units, and the room behind the shipped proxy."""
