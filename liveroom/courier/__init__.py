"""The courier: carries the outbox to whom it is for, at least once and in order, and keeps every attempt."""
