"""Photos and videos as phones send them, as cheats alter them, and as attackers build them."""
