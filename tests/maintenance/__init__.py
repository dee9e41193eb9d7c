"""What keeps a room fit: erasure, retention, repair, restoring, replanning, and what stands open."""
