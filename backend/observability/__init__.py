"""Access log, logging, metrics and tracing."""
