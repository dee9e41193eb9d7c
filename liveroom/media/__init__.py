"""Photos and videos: told apart by content, examined in a child of bounded means, kept by what they contain."""
