"""Printed reports: their numbers, their pages, and that each is made and sent once."""
