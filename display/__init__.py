"""The edge towards people: pages, the feed, and the doors by which people act."""
