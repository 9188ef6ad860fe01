"""Tests over real HTTP, with real keys and real signatures."""
