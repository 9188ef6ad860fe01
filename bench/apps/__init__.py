"""The same two routes in other ways, to compare with."""
