"""An agency's page, and the links that open one complaint of it."""
