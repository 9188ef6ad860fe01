"""What the plugin costs those who do not use it."""

import subprocess
import sys


def test_plugin_imports_only_pytest() -> None:
    """The start of pytest imports nothing else of the package, and none of its dependencies."""
    code = "import sys, local_okta.pytest_plugin; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = done.stdout.split()
    assert [name for name in modules if name.startswith("local_okta")] == [
        "local_okta",
        "local_okta.pytest_plugin",
    ]
    assert not {"fastapi", "jwt", "httpx2", "pydantic", "uvicorn"} & set(modules)
