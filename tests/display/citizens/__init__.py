"""Citizens: the form, the private link, the letters, the page in a browser."""
