"""What was measured, as a table for people and as JSON for programs."""

import dataclasses
import json

WIDTHS = (41, 8, 9, 8, 13)


@dataclasses.dataclass
class Figure:
    """One line: a value of the module's and maybe its peer's, both in the unit that the title names."""

    title: str
    module: float
    peer: float | None = None
    # Targets: how many times less than its peer, or how much at most.
    times_less: float | None = None
    at_most: float | None = None
    decimals: int = 1

    @property
    def ratio(self):
        return self.peer / self.module if self.peer and self.module else None

    @property
    def target(self):
        if self.times_less:
            return f"1/{self.times_less:g}"
        return "" if self.at_most is None else f"{self.at_most:g}"

    @property
    def missed(self):
        if self.times_less:
            return self.peer < self.module * self.times_less
        return self.at_most is not None and self.module > self.at_most

    def row(self):
        verdict = "MISSED" if self.missed else "met"
        return (self.title, self._number(self.module), self._number(self.peer),
                f"1/{self.ratio:.1f}" if self.ratio else "", f"{self.target} {verdict}" if self.target else "")

    def _number(self, value):
        return "" if value is None else f"{value:,.{self.decimals}f}"


def line(cells):
    first, *others = cells
    return first.ljust(WIDTHS[0]) + "".join(cell.rjust(width) for cell, width in zip(others, WIDTHS[1:]))


def table(figures):
    """FIGURES as text, 79 columns wide."""
    head = line(("medians", "module", "curl", "ratio", "target"))
    lines = [head, "-" * len(head), *(line(figure.row()) for figure in figures)]
    missed = [figure.title.strip() for figure in figures if figure.missed]
    lines += ["", *(f"MISSED: {title}" for title in missed)] if missed else ["", "All targets met."]
    return "\n".join(lines)


def as_json(figures, **beside):
    """FIGURES, and what stands BESIDE them, as JSON text."""
    rows = [dataclasses.asdict(figure) | {"ratio": figure.ratio, "missed": figure.missed} for figure in figures]
    return json.dumps(beside | {"figures": rows}, indent=1, ensure_ascii=False) + "\n"
