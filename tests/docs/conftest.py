"""Leave out what cannot be collected here."""

from importlib.util import find_spec

# test_how_to.py copies the existing app and runs its tests.
collect_ignore = ["existing_app"]
if find_spec("mcp") is None:  # it is in requirements/workshop.txt
    collect_ignore.append("test_mcp.py")
