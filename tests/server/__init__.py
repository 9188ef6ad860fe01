"""Tests of the server: gunicorn's workers, their limits, and how they start and end."""
