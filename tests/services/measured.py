"""What a server measures of itself, read at /metrics as Prometheus would."""

import httpx
from prometheus_client.parser import text_string_to_metric_families


def measured(url: str, name: str) -> float:
    """The value of a sample without labels. Raises LookupError when there is none."""
    for family in text_string_to_metric_families(httpx.get(f"{url}/metrics", timeout=30).text):
        for sample in family.samples:
            if sample.name == name and not sample.labels:
                return sample.value
    raise LookupError(name)
