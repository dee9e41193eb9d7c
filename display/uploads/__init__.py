"""Files from people's phones: the resumable way in, and the way out for those who may see them."""
