"""How gunicorn serves the application: request limits and draining."""
