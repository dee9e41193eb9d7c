"""Pages of desks, agencies and leadership in a real browser."""
