"""What was measured, as Markdown: the tables of docs/performance.md."""

from __future__ import annotations

from pathlib import Path

from bench.results import Results
from bench.rows import RAW, ROWS, Row

BEGIN, END = "<!-- written by make bench -->", "<!-- until here -->"
# Of a core: what else the machine does may change figures beyond that.
MUCH_ELSEWHERE = 0.12
PROCESSES = ("web", "worker", "housekeeper", "beat", "PostgreSQL", "Redis", "generator")


def tables(results: Results) -> str:
    """All of it, in the order in which it is read."""
    parts = [
        f"{results.at}, {results.machine}, `{results.command}`, with the embedded PostgreSQL and Redis, with fsync. "
        "Of several runs the middle one is shown, and in brackets how far apart they were.",
        _comparison(results),
        _limits(results),
        _processes(results),
    ]
    if results.parts:
        rows = [f"| {what} | {value} |" for what, value in results.parts]
        parts.append("\n".join(["| Parts by themselves | |", "|---|---|", *rows]))
    if doubts := [*_disturbed(results), *results.remarks]:
        parts.append("\n".join(["What makes some of this doubtful:", "", *(f"- {doubt}" for doubt in doubts)]))
    return "\n\n".join(parts) + "\n"


def write(results: Results, page: Path) -> None:
    """Put the tables into the page, in place of those that are there."""
    replace(page, BEGIN, END, tables(results))


def replace(page: Path, begin: str, end: str, text: str) -> None:
    """Put a text between two marks of a page, in place of what is there."""
    before, _, rest = page.read_text().partition(begin)
    _, _, after = rest.partition(end)
    page.write_text(f"{before}{begin}\n\n{text}\n{end}{after}")


def _disturbed(results: Results) -> list[str]:
    """The scenes during which the machine did much else, as at most one sentence."""
    found = [f"{name} ({100 * share:.0f} %)" for name, share in results.elsewhere.items() if share > MUCH_ELSEWHERE]
    if not found:
        return []
    return [f"other programs took more than {100 * MUCH_ELSEWHERE:.0f} % of a core: {', '.join(found)}"]


def _comparison(results: Results) -> str:
    lines = ["| | Dental Sync | Node by hand | ours to it | goal |", "|---|---|---|---|---|"]
    for row in ROWS:
        ours, peer = results.median("ours", row.key), results.median("peer", row.key)
        if ours is None:
            continue
        ratio = f"{ours / peer:.{2 if ours < 10 * peer else 1}f}" if peer else ""
        goal = "" if row.goal is None else f"{row.goal:,g} {row.unit}".strip()
        cells = (row.says, _cell(results, "ours", row), _cell(results, "peer", row), ratio, goal)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _limits(results: Results) -> str:
    lines = ["| The limits of what both are built on | |", "|---|---|"]
    lines += [f"| {row.says} | {_cell(results, 'raw', row)} |" for row in RAW if row.key in results.sides["raw"]]
    return "\n".join(lines)


def _processes(results: Results) -> str:
    """What each process takes; one that takes a whole core at 32 callers is the limit."""
    columns = {
        "% of a core, 32 callers": ("bookings.share", 0),
        "ms a booking": ("bookings.processor", 2),
        "ms, 50 a second": ("paced.processor", 2),
        "% of a core at rest": ("rest.processor", 1),
        "MiB at rest (PSS)": ("rest.memory", 0),
    }
    lines = [f"| Processor and memory | {' | '.join(columns)} |", "|---|---|---|---|---|---|"]
    for side, name in (("ours", "Dental Sync"), ("peer", "Node by hand")):
        for process in PROCESSES:
            values = [(results.median(side, f"{key}.{process}"), digits) for key, digits in columns.values()]
            if any(value is not None for value, _ in values):
                shown = ["" if value is None else f"{value:.{digits}f}" for value, digits in values]
                lines.append(f"| {name}: {process} | {' | '.join(shown)} |")
    return "\n".join(lines)


def _cell(results: Results, side: str, row: Row) -> str:
    value = results.median(side, row.key)
    if value is None:
        return ""
    spread = results.spread(side, row.key)
    return _number(row, value) + (f" ({100 * spread:.0f} %)" if len(results.sides[side][row.key]) > 1 else "")


def _number(row: Row, value: float) -> str:
    return f"{value:,.{row.digits}f} {row.unit}".strip()
