"""The house: its shape, locks, licence, version and documents."""
