"""The doctor: check what a person would check by hand, and say what to change."""
