"""Who may log in, for how long, and what each of them may do."""
