"""Read what the metrics server returns."""

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.support.api import NO_TLS

REQUESTS = "http_server_request_duration_seconds_count"


class Scrape(dict[tuple[str, frozenset[tuple[str, str]]], float]):
    """The value of each series in one scrape."""

    def __init__(self, address: str) -> None:
        response = httpx.get(f"http://{address}/metrics", trust_env=False, verify=NO_TLS)
        response.raise_for_status()
        for family in text_string_to_metric_families(response.text):
            for sample in family.samples:
                self[sample.name, frozenset(sample.labels.items())] = sample.value

    def value(self, name: str, **labels: str) -> float:
        """Return the value of the only series with at least these `labels`."""
        [value] = [
            value
            for (series, found), value in self.items()
            if series == name and labels.items() <= dict(found).items()
        ]
        return value

    def requests(self, method: str, route: str, status: int) -> float:
        """Return how many requests ended with `status`; 0 if there is no such series."""
        labels = {
            "http_request_method": method, "http_route": route, "http_response_status_code": str(status),
        }  # fmt: skip
        return self.get((REQUESTS, frozenset(labels.items())), 0)
