"""What every process stands on: settings, records, and a server that bounds what it reads."""
