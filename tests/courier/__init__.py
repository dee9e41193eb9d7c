"""What leaves the room: real receivers that are there, away, slow or hostile, and a courier that is killed."""
