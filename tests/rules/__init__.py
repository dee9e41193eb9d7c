"""The control room's numbered rules: `table` says which test holds each, and writes that into docs/wall.md."""
