"""Golden pictures of the wall: `shots` says which, `renderer` makes one, `pictures` keeps, compares and shows them."""
