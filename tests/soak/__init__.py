"""`make soak`: everything that can go wrong, at once and for as long as you like, under load."""
