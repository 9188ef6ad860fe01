"""Log, metrics and traces, and what watches them."""
