"""What runs as `python -m tests.…`, and so without pytest."""

import subprocess
import sys

from tests.support.pages import ROOT
from tests.support.processes import environment


def test_modules_find_what_they_import() -> None:
    """No such module needs the path or the environment that pytest has from its configuration."""
    files = [path.relative_to(ROOT) for path in ROOT.glob("tests/*/*.py") if "__main__" in path.read_text()]
    modules = {str(path.with_suffix("")).replace("/", ".") for path in files}
    assert "tests.support.two_instances" in modules
    code = f"import tests.soak.run, {', '.join(sorted(modules))}"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment(), check=True)
