"""Open data: who is said with whom, and the published files read back."""
