"""What the room promises, tried on real parts."""
