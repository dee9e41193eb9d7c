"""The command line: thin commands on the functions of the room."""
