"""The set-up after the virtual environment exists; standard library only, since nothing else is installed yet."""
