"""The tests that a generated service starts with: there, this folder is tests/."""
