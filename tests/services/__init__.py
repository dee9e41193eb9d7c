"""Real servers for the tests: each in a temporary folder on a free port, ended with the tests."""
