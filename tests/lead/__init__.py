"""Leadership's page, its numbers and its questions."""
