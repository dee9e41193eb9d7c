"""The contract of log, room and clock, the same on SQLite and PostgreSQL."""
