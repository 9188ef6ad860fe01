"""`make reference`: write what is derived from code and other files.

That is docs/configuration.md, and the PrometheusRule of deploy/kubernetes.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from typing import Final

from pydantic.fields import FieldInfo

from backend.settings import Settings

ROOT: Final = Path(__file__).parent.parent
PAGE: Final = ROOT / "docs" / "configuration.md"
PROMETHEUS_RULE: Final = ROOT / "deploy/kubernetes/components/monitoring/prometheus-rule.yaml"
HEAD: Final = "| variable | default | meaning |\n|---|---|---|"

INTRODUCTION: Final = """\
# Configuration

<!-- Written by `make reference` from backend/settings.py, .env.example and dev/reference.py. -->

Settings are read once, at start, from the environment and from `.env` in the working directory; the
environment wins. A wrong value stops the start with exit status 78 and a line for each fault
([the lines](okta-setup.md#6-start)). `make doctor` checks more than a start does. Lists are separated by
commas.
"""

RULE_HEAD: Final = """\
# Written by `make reference` from deploy/observability/alerts.yml.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: fastapi-okta
spec:
"""

# gunicorn and its configuration file read these from the environment, and Settings does not know them.
SERVER: Final = {
    "WEB_CONCURRENCY": (
        "one for each CPU that the cgroup allows",
        "How many worker processes. More than there are CPUs only take turns.",
    ),
    "FORWARDED_ALLOW_IPS": (
        "`127.0.0.1`",
        "Networks of the proxies in front: they are believed about who calls, so `*` is refused.",
    ),
    "DRAIN_SECONDS": (
        "`5`",
        "Seconds to serve on after SIGTERM, while `/readyz` says 503; then what is under way has 15 more.",
    ),
}


def meanings(example: str) -> dict[str, str]:
    """Each variable in the text of `.env.example`, with the comment above it in one line."""
    entries = re.findall(r"((?:^# .+\n)+)#?([A-Z_]+)=", example, re.MULTILINE)
    return {name: " ".join(re.findall(r"^# (.+)$", comment, re.MULTILINE)) for comment, name in entries}


def default(field: FieldInfo) -> str:
    """The default of `field` as it would stand in `.env`, or that there is none."""
    if field.is_required():
        return "none: has to be set"
    value = field.default
    text = ",".join(value) if isinstance(value, tuple) else str(value)
    text = text.lower() if isinstance(value, bool) else text
    return f"`{text}`" if text else "empty"


def rows() -> Iterator[str]:
    """The table rows of all settings. Raises KeyError for one that `.env.example` does not explain."""
    meaning = meanings((ROOT / ".env.example").read_text())
    for name, field in Settings.model_fields.items():
        variable = name.upper()
        yield f"| `{variable}` | {default(field)} | {meaning[variable]} |"


def page() -> str:
    """The whole page, as Markdown."""
    server = [f"| `{name}` | {value} | {meaning} |" for name, (value, meaning) in SERVER.items()]
    parts = [INTRODUCTION, "## The API", HEAD, *rows()]
    parts += ["", "## Under gunicorn, as in the container", HEAD, *server]
    return "\n".join(parts) + "\n"


def prometheus_rule() -> str:
    """Return the alert rules as a resource of the Prometheus operator."""
    return RULE_HEAD + indent((ROOT / "deploy/observability/alerts.yml").read_text(), "  ")


if __name__ == "__main__":
    PAGE.write_text(page())
    PROMETHEUS_RULE.write_text(prometheus_rule())
