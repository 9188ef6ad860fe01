"""The same two routes, implemented in other ways for comparison."""
