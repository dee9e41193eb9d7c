"""The rules of a complaint, tried without a database, a clock or a server."""
