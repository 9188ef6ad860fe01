"""The application as a whole: routes, CORS, settings, logs and metrics."""
