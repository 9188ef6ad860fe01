"""Tests of the database and of what is stored in it."""
