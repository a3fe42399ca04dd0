"""What was measured, as a table for people and as JSON for programs."""

import dataclasses
import json

WIDTHS = (40, 9, 9, 8, 13)


@dataclasses.dataclass
class Figure:
    """One line: a value of the module's and maybe its peer's, in the unit that the title names.

    Its target, if it has one, is how many TIMES_LESS than the peer's the value is to be, how many TIMES_MORE it may be,
    or how much AT_MOST.
    """

    title: str
    module: float
    peer: float | None = None
    times_less: float | None = None
    times_more: float | None = None
    at_most: float | None = None
    decimals: int = 1

    @property
    def ratio(self):
        return self.peer / self.module if self.peer and self.module else None

    @property
    def missed(self):
        if self.times_less:
            return self.peer < self.module * self.times_less
        if self.times_more:
            return self.module > self.peer * self.times_more
        return self.at_most is not None and self.module > self.at_most

    def cells(self):
        return self.title, self._number(self.module), self._number(self.peer), self._ratio(), self._verdict()

    def _ratio(self):
        if self.ratio is None:
            return ""
        return f"1/{self.ratio:.1f}" if self.ratio >= 1 else f"{1 / self.ratio:.1f}"

    def _verdict(self):
        most = self.times_more or self.at_most
        if self.times_less is None and most is None:
            return ""
        target = f"1/{self.times_less:g}" if self.times_less else f"{most:g}"
        return f"{target} {'MISSED' if self.missed else 'met'}"

    def _number(self, value):
        return "" if value is None else f"{value:,.{self.decimals}f}"


def line(cells):
    first, *others = cells
    return first.ljust(WIDTHS[0]) + "".join(cell.rjust(width) for cell, width in zip(others, WIDTHS[1:]))


def table(figures, peer):
    """FIGURES as text, less than 80 columns wide. PEER is what the module is measured against."""
    head = line(("", "module", peer, "ratio", "target"))
    missed = [f"MISSED: {figure.title}" for figure in figures if figure.missed]
    return "\n".join([head, "-" * len(head), *(line(figure.cells()) for figure in figures), "",
                      *(missed or ["All targets are met."])])


def as_json(figures, **beside):
    """FIGURES, and what stands BESIDE them, as JSON text."""
    rows = [dataclasses.asdict(figure) | {"ratio": figure.ratio, "missed": figure.missed} for figure in figures]
    return json.dumps(beside | {"figures": rows}, indent=1, ensure_ascii=False) + "\n"
