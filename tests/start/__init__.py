"""Starting: settings and what they refuse."""
