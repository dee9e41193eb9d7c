"""The contract of the log, the same on SQLite and PostgreSQL."""
