"""`make reference`: write what is derived from code and other files.

That is docs/reference/settings.md, and the PrometheusRule of deploy/kubernetes.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from typing import Final

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from backend.settings import Settings

ROOT: Final = Path(__file__).parent.parent
PAGE: Final = ROOT / "docs" / "reference" / "settings.md"
PROMETHEUS_RULE: Final = ROOT / "deploy/kubernetes/components/monitoring/prometheus-rule.yaml"
HEAD: Final = "| variable | default | meaning |\n|---|---|---|"
TWO_COLUMNS: Final = ("| variable | meaning |", "|---|---|")

INTRODUCTION: Final = """\
# Settings

<!-- Written by `make reference` from backend/settings.py, .env.example and dev/reference.py. -->

The service, gunicorn, `make run` and `make doctor` read the settings once at startup, from the environment
and from `.env` in the working directory. The environment wins. Separate the items of a list with commas.

A value that cannot work stops the start with exit status 78 and one line per error: the variable, what is
wrong, and what to put there. A variable that looks like a misspelled setting is reported in a warning.
`make doctor` checks more, with the help of the issuer.

After a change of `.env`, start the service again. `make run` restarts it by itself only when a file in
`backend/` changes.
"""

RULE_HEAD: Final = """\
# Written by `make reference` from deploy/observability/alerts.yml.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: api
spec:
"""

# Read by gunicorn.conf.py and gunicorn, not by Settings.
SERVER: Final = {
    "WEB_CONCURRENCY": ("one per CPU that the cgroup allows", "Number of worker processes."),
    "FORWARDED_ALLOW_IPS": (
        "`127.0.0.1`",
        "Networks of the proxies whose `X-Forwarded-*` headers are trusted. `*` is refused.",
    ),
    "DRAIN_SECONDS": (
        "`5`",
        "Seconds to keep serving after SIGTERM while `/readyz` returns 503. Then requests have 15 s to end.",
    ),
}

# Libraries read these, and so do other programs.
NETWORK: Final = {
    "HTTPS_PROXY": "The proxy for requests to Okta, like http://user:password@proxy:3128; never logged.",
    "HTTP_PROXY": "The same for an issuer on plain http. A loopback issuer is never asked through a proxy.",
    "NO_PROXY": "Hosts and domains, separated by commas, that are asked directly.",
    "SSL_CERT_FILE": (
        "A file with the trusted certificate authorities, such as that of a company's TLS proxy."
        " It replaces the system's. REQUESTS_CA_BUNDLE does not count, and neither does ~/.netrc."
    ),
}

# FastAPI and OpenTelemetry read these; docs/how-to/logs-and-metrics.md shows them.
TELEMETRY: Final = {
    "FASTAPI_OTEL_AUTO_CONFIGURE": "`true` exports traces and metrics by the variables below.",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "The URL of the collector, like http://collector:4318.",
    "OTEL_SERVICE_NAME": "The name of the service in traces and metrics; the alerts expect `api`.",
    "OTEL_EXPORTER_OTLP_TIMEOUT": "How many seconds an export may take; `1.5` unless set.",
    "OTEL_*": (
        "[OpenTelemetry's other variables](https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/)."
    ),
}

MAKE: Final = {
    "API_PORT": ("`8000`", "The port of the API."),
    "OKTA_PORT": ("`9000`", "The port of the local Okta. It is part of the issuer."),
    "APP_PORT": ("`3000`", "The port of the app."),
    "LOCAL_OKTA": ("empty", "`1` uses the local Okta although `.env` names an org: `make run LOCAL_OKTA=1`."),
}


def meanings(example: str) -> dict[str, str]:
    """Return each variable in the text of `.env.example`, with the comment above it in one line."""
    entries = re.findall(r"((?:^# .+\n)+)#?([A-Z_]+)=", example, re.MULTILINE)
    return {name: " ".join(re.findall(r"^# (.+)$", comment, re.MULTILINE)) for comment, name in entries}


def default(field: FieldInfo) -> str:
    """Return the default of `field` as written in `.env`, or `required`."""
    if field.is_required():
        return "required"
    if field.default_factory is not None:
        return "depends"
    value = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    text = ",".join(value) if isinstance(value, tuple) else str(value)
    text = text.lower() if isinstance(value, bool) else text
    return f"`{text}`" if text else "empty"


def rows() -> Iterator[str]:
    """Return a table row per setting. Raises KeyError for one that `.env.example` does not explain."""
    meaning = meanings((ROOT / ".env.example").read_text())
    for name, field in Settings.model_fields.items():
        variable = name.upper()
        yield f"| `{variable}` | {default(field)} | {meaning[variable]} |"


def page() -> str:
    """Return the page as Markdown."""
    server = [f"| `{name}` | {value} | {meaning} |" for name, (value, meaning) in SERVER.items()]
    parts = [INTRODUCTION, "## The API", HEAD, *rows()]
    parts += ["", "## Server (gunicorn)", HEAD, *server]
    parts += ["", "## Proxies and certificates", *TWO_COLUMNS]
    parts += [f"| `{name}` | {meaning} |" for name, meaning in NETWORK.items()]
    parts += ["", "## Traces and metrics", *TWO_COLUMNS]
    parts += [f"| `{name}` | {meaning} |" for name, meaning in TELEMETRY.items()]
    ports = [f"| `{name}` | {value} | {meaning} |" for name, (value, meaning) in MAKE.items()]
    parts += ["", "## `make run`", HEAD, *ports]
    return "\n".join(parts) + "\n"


def prometheus_rule() -> str:
    """Return the alert rules as a resource of the Prometheus operator."""
    return RULE_HEAD + indent((ROOT / "deploy/observability/alerts.yml").read_text(), "  ")


if __name__ == "__main__":
    PAGE.write_text(page())
    PROMETHEUS_RULE.write_text(prometheus_rule())
