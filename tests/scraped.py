"""What a scrape said, read as Prometheus reads it."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families


class Scraped:
    """The samples of one answer of /metrics, by name and labels."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.families = {family.name: family for family in text_string_to_metric_families(text)}
        self._values = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in self.families.values()
            for sample in family.samples
        }

    def __call__(self, name: str, **labels: str) -> float | None:
        """One value of ours: `scraped("writes_pending")`; None where there is none."""
        return self._values.get((f"dental_sync_{name}", frozenset(labels.items())))

    def values(self, name: str) -> dict[str, float]:
        """The values of a metric with one label, by it."""
        found = [(dict(labels), value) for (named, labels), value in self._values.items() if named == name]
        return {next(iter(labels.values())): value for labels, value in found}
