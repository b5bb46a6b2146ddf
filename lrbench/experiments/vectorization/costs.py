"""What a call costs over n: a part that every call pays, and a part that every element pays; and the caches."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lrbench import gate
from lrbench.experiments.timing import Times

_UNITS = {"K": 2**10, "M": 2**20, "G": 2**30, "": 1}
_SIZE = re.compile(r"(\d+)([KMG]?)\b")


@dataclass(frozen=True, slots=True)
class Curve:
    """One way to compute something, timed at ascending n."""

    name: str
    n: tuple[int, ...]
    times: tuple[Times, ...]

    @property
    def medians_s(self) -> list[float]:
        """Medians, by n."""
        return [each.median_s for each in self.times]

    def up_to(self, limit: int) -> "Curve":
        """Return the part of it with n up to a limit."""
        count = sum(n <= limit for n in self.n)
        return Curve(self.name, self.n[:count], self.times[:count])

    def shared(self, other: "Curve") -> tuple[list[int], list[float], list[float]]:
        """Return the n that both were timed at, and both medians there."""
        mine, others = (dict(zip(each.n, each.medians_s, strict=True)) for each in (self, other))
        n = [size for size in self.n if size in others]
        return n, [mine[size] for size in n], [others[size] for size in n]


def call_and_element(n: Sequence[int], times_s: Sequence[float]) -> tuple[float, float]:
    """Return (c, e) of the line c + e n whose relative errors have the least sum of squares.

    Least squares of c / t + e n / t against 1, by the project's own QR: a regression for the times of regressions.
    """
    t = np.asarray(times_s)
    X = np.column_stack([1.0 / t, np.asarray(n) / t])
    (call_s, element_s), _ = gate.resolve("lrbench.regression.closed_form:qr")(X, np.ones(len(t)), False)  # noqa: FBT003  (by position, like every target)
    return float(call_s), float(element_s)


def sizes_bytes(caches: Mapping[str, str] | None) -> dict[str, int]:
    """Return the sizes that an environment tells in words: {'L1': 32768} for {'L1': '32K'}; empty if it tells none."""
    found = {}
    for level, words in (caches or {}).items():
        if match := _SIZE.match(words):
            found[level] = int(match[1]) * _UNITS[match[2]]
    return found


def bytecodes_an_element(function: Callable[..., object]) -> int:
    """Return how many instructions of Python's own machine the one loop of a function takes for each element.

    From the instruction that fetches the next index to the one that jumps back to it.
    """
    import dis

    instructions = [each for each in dis.get_instructions(function) if each.opname != "CACHE"]
    start = next(k for k, each in enumerate(instructions) if each.opname == "FOR_ITER")
    end = next(k for k, each in enumerate(instructions) if each.opname.startswith("JUMP_BACKWARD"))
    return end - start + 1
