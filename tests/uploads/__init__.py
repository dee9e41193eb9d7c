"""Photos and videos on their way in and out of a served room."""
