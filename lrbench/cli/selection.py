"""From the options to the problems, sizes, implementations and threads that they mean."""

import difflib
from collections.abc import Iterable, Sequence

import click

from lrbench.measure import environment
from lrbench.problems import PROBLEMS
from lrbench.registry import Problem, dimensions, n_elements

_LONGEST = 24  # characters of a size that any machine could hold


def select_problems(names: Sequence[str], *, quick: bool = False) -> tuple[Problem, ...]:
    """Return the problems of those names in the table's order; for no name all of them, or those of a quick run."""
    for name in names:
        _known(name, (problem.name for problem in PROBLEMS), "problem")
    return tuple(p for p in PROBLEMS if p.name in names or (not names and (p.quick or not quick)))


def select_sizes(problem: Problem, sizes: Sequence[str], problems: Sequence[Problem], *, quick: bool) -> list[str]:
    """Return the sizes of one problem that are to be measured.

    A size that some selected problem lists is measured where it is listed; any other is measured on every
    problem whose sizes have as many numbers.
    """
    if not sizes:
        return [problem.quick_size] if quick else list(problem.sizes)
    listed = {size for other in problems for size in other.sizes}
    own = len(dimensions(problem.quick_size)) if problem.sizes_are_free else 0
    return [s for s in dict.fromkeys(sizes) if s in problem.sizes or (s not in listed and len(dimensions(s)) == own)]


def check_sizes(sizes: Iterable[str], problems: Sequence[Problem]) -> None:
    """Refuse what is no size, and what none of the problems can have."""
    for size in sizes:
        parts = size.split("x")
        if not all(part.isascii() and part.isdigit() and part[0] != "0" for part in parts):
            _refuse(f"Size '{size}' is not made of whole numbers above zero. Write it like 10000 or 1000x2.")
        if len(size) > _LONGEST or environment.shortage(n_elements(size)):
            _refuse(f"Size '{size:.40}' does not fit into this machine's memory. Choose a smaller one.")
        shapes = {len(dimensions(problem.quick_size)) for problem in problems}
        if len(parts) not in shapes:
            example = problems[0].quick_size
            _refuse(f"Size '{size}' suits none of the problems chosen. Their sizes look like {example}.")
        if len(parts) > 1 and int(parts[0]) < int(parts[1]) + 2:
            _refuse(
                f"Size '{size}' has fewer samples than its {parts[1]} coefficients, an intercept and one more need."
            )


def select_implementations(problem: Problem, names: Sequence[str]) -> tuple[str, ...]:
    """Return a problem's implementations of those names, in its table's order; all of them for no name."""
    return tuple(i.name for i in problem.implementations if not names or i.name in names)


def check_implementations(names: Iterable[str], problems: Sequence[Problem]) -> None:
    """Refuse a name that none of the problems has."""
    for name in names:
        _known(name, (i.name for problem in problems for i in problem.implementations), "implementation")


def parse_threads(text: str, cores: int) -> list[int]:
    """Return thread counts from text such as '1,2' or '1,all'."""
    counts = []
    for part in text.split(","):
        word = part.strip()
        count = cores if word == "all" else int(word[:9]) if word.isascii() and word.isdigit() else 0
        if not 1 <= count <= cores:
            _refuse(f"--threads '{part}' is no number from 1 to {cores}, this machine's cores, nor 'all'.")
        counts.append(count)
    return list(dict.fromkeys(counts))


def _known(name: str, known: Iterable[str], noun: str) -> None:
    names = list(dict.fromkeys(known))
    if name not in names:
        nearest = difflib.get_close_matches(name, names, n=1, cutoff=0.0)
        _refuse(f"No {noun} '{name}'. Nearest: '{nearest[0]}'. See them all with: lrbench list")


def _refuse(message: str) -> None:
    raise click.UsageError(message)
