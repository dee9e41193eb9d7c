"""A real room on a real database, and its clock over days: every deadline once and dated right, histories equal."""
