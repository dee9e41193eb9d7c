"""The command line as a person or a service manager meets it."""
