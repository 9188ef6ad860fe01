"""What the exporter of the metrics answers."""

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.support.api import NO_TLS

REQUESTS = "http_server_request_duration_seconds_count"


class Scrape(dict[tuple[str, frozenset[tuple[str, str]]], float]):
    """One answer of the exporter: the value of each series."""

    def __init__(self, address: str) -> None:
        answer = httpx.get(f"http://{address}/metrics", trust_env=False, verify=NO_TLS)
        answer.raise_for_status()
        for family in text_string_to_metric_families(answer.text):
            for sample in family.samples:
                self[sample.name, frozenset(sample.labels.items())] = sample.value

    def value(self, name: str, **labels: str) -> float:
        """The value of one series."""
        return self[name, frozenset(labels.items())]

    def requests(self, method: str, route: str, status: int) -> float:
        """How many requests ended so; 0 where no such series exists."""
        labels = {
            "http_request_method": method, "http_route": route, "http_response_status_code": str(status),
        }  # fmt: skip
        return self.get((REQUESTS, frozenset(labels.items())), 0)
