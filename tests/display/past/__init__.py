"""Past moments: what a page shows of then is what it showed then."""
