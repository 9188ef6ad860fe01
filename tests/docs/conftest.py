"""The existing app is not a test of this repository: test_how_to.py copies it and runs its tests."""

collect_ignore = ["existing_app"]
