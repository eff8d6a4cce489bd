"""What is measured becomes the tables of docs/performance.md."""

from __future__ import annotations

from pathlib import Path

from bench import report
from bench.results import Results


def _results() -> Results:
    results = Results("make bench")
    for run in (300.0, 330.0, 315.0):
        results.note("ours", "bookings", run)
    results.note("peer", "bookings", 6300.0)
    results.note("ours", "bookings.processor.web", 2.3)
    results.note("raw", "raw.commits.32", 14235.0)
    results.parts.append(("a part", "5 ms"))
    return results


def test_a_row_has_the_middle_run_its_spread_the_peer_the_ratio_and_the_goal() -> None:
    """So that nobody has to compute what the table is for."""
    text = report.tables(_results())
    assert "| bookings, 32 callers | 315 /s (10 %) | 6,300 /s | 0.05 | 1,000 /s |" in text
    assert "| Dental Sync: web |  | 2.30 |  |  |  |" in text
    assert "| the same, 32 clients | 14,235 /s |" in text
    assert "| a part | 5 ms |" in text
    assert "doubtful" not in text


def test_what_makes_figures_doubtful_is_said_with_them() -> None:
    """A busy machine, a generator that was the limit."""
    results = _results()
    results.remarks.append("the generator was the limit: book")
    for share in (0.05, 0.4, 0.2):
        results.note_elsewhere("bookings", share)
    results.note_elsewhere("paced", 0.1)
    text = report.tables(results)
    assert (
        "- other programs took more than 12 % of a core: bookings (40 %)\n- the generator was the limit: book" in text
    )


def test_tables_take_the_place_of_those_that_were_there(tmp_path: Path) -> None:
    """What people wrote around them stays."""
    page = tmp_path / "performance.md"
    page.write_text(f"# Performance\n\n{report.BEGIN}\n\nold\n\n{report.END}\n\nWhere it goes.\n")
    for _ in range(2):
        report.write(_results(), page)
    text = page.read_text()
    assert text.startswith(f"# Performance\n\n{report.BEGIN}\n\n20")
    assert text.endswith(f"\n{report.END}\n\nWhere it goes.\n")
    assert "old" not in text
    assert text.count("bookings, 32 callers") == 1
