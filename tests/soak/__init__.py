"""The long walk past every door, with whatever strangers may bring: `make soak`, not `make test`."""
