"""A city as data: what its pack promises, where its places lie, and every fault that it can have."""
