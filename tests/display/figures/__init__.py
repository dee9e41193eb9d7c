"""What scenes need beyond their cards: known answers, and recounts from the log."""
