"""Read models against the log: rebuilt and counted anew they are the same."""
