"""Fuzz the code that parses untrusted bytes."""
