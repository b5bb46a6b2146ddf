"""Linear-regression files of NIST's Statistical Reference Datasets, as https://www.itl.nist.gov/div898/strd has them.

A file says in its head which of its lines hold the certified values and which the data; the model is a line such as

    y = B0 + B1*x + B2*(x**2) + ... + B10*(x**10) + e
    y = B0 + B1*x1 + B2*x2 + e
    y = B1*x + e

It is matched term by term and never evaluated. The dots stand for terms of the same kind, one for each parameter.
"""

import itertools
import math
import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from lrbench.accuracy.datasets import CERTIFIED, BadDataset, Coefficients, Dataset, power
from lrbench.registry import Floats

_LARGEST_BYTES = 10**6  # the largest of NIST's own is below 10^4
_LONGEST_NUMBER = 60  # characters; NIST prints 15 digits
_HEAD = 60  # lines, before the data
_MAX_DEGREE = 50  # and of degree 10

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[EeDd][-+]?\d+)?"
_ESTIMATE = re.compile(rf"\s*B(\d{{1,3}})\s+({_NUMBER})(?:\s|$)", re.IGNORECASE)
_TERM = re.compile(r"B(\d{1,3})(?:\*(?:x(\d{0,3})|\(?x\*\*(\d{1,3})\)?))?", re.IGNORECASE)


def read_folder(folder: Path) -> tuple[Dataset, ...]:
    """Return the data sets of all .dat files of a folder, by name; BadDataset if one is not of this kind."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".dat" and path.is_file())
    except OSError as error:
        message = f"{folder}: {error.strerror}. Name a folder that holds NIST's .dat files."
        raise BadDataset(message) from None
    if not paths:
        message = f"{folder}: holds no .dat file. Name a folder that holds NIST's linear-regression files."
        raise BadDataset(message)
    return tuple(read_file(path) for path in paths)


def read_file(path: Path) -> Dataset:
    """Return the data set of one file; BadDataset says what is missing or not understood."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_BYTES + 1)
        if len(content) > _LARGEST_BYTES:
            _refuse(f"is larger than {_LARGEST_BYTES} bytes")
        return _parse(content.decode("utf-8", errors="replace").splitlines())
    except OSError as error:
        message = f"{path}: {error.strerror}. Make it readable, or take it out of the folder."
    except _NotStrdError as error:
        message = f"{path}: {error}. It is no linear-regression file of NIST's StRD; mend it or take it out."
    raise BadDataset(message)


class _NotStrdError(ValueError):
    """Why a text is not what this module reads."""


def _refuse(why: str) -> None:
    raise _NotStrdError(why)


def _parse(lines: Sequence[str]) -> Dataset:
    head = "\n".join(lines[:_HEAD])
    name = _found(r"Dataset Name:[ \t]*(\w[\w.+-]{0,39})", head, "has no line 'Dataset Name: ...'")[1]
    procedure = _found(r"Procedure:[ \t]*(\S.{0,60})", head, "has no line 'Procedure: ...'")[1].strip()
    if not procedure.lower().startswith("linear least squares"):
        _refuse(f"its procedure is '{procedure}', not 'Linear Least Squares Regression'")
    estimates = _estimates(_part("Certified Values", head, lines))
    table = _table(_part("Data", head, lines))
    columns = _columns(_formula(lines[:_HEAD]), sorted(estimates), head)
    X = _design(columns, table[:, 1:])
    certified: Coefficients = (*(estimates[k] for k in columns), estimates.get(0, Fraction(0)))
    if len(X) < len(estimates):
        _refuse(f"has {len(X)} observations for {len(estimates)} parameters")
    return Dataset(name, CERTIFIED, X, table[:, 0].copy(), intercept=0 in estimates, certified=certified)


def _found(pattern: str, text: str, otherwise: str) -> re.Match[str]:
    match = re.search(pattern, text, re.IGNORECASE)
    if match is None:
        raise _NotStrdError(otherwise)
    return match


def _part(title: str, head: str, lines: Sequence[str]) -> Sequence[str]:
    """Return the lines that the head says hold something."""
    match = _found(
        rf"{title}\s*\(lines\s+(\d{{1,6}})\s+to\s+(\d{{1,6}})\)", head, f"does not say '{title} (lines A to B)'"
    )
    first, last = int(match[1]), int(match[2])
    if not 1 <= first <= last <= len(lines):
        _refuse(f"says '{title} (lines {first} to {last})' and has {len(lines)} lines")
    return lines[first - 1 : last]


def _estimates(lines: Sequence[str]) -> dict[int, Fraction]:
    """Return the certified coefficients by their numbers, each exactly as printed."""
    found: dict[int, Fraction] = {}
    for line in lines:
        if match := _ESTIMATE.match(line):
            if int(match[1]) in found:
                _refuse(f"certifies B{match[1]} twice")
            found[int(match[1])] = _exactly(match[2])
    if not found or set(found) == {0}:
        _refuse("has no line such as 'B1  1.00211681802045  0.429796848199937E-03' among its certified values")
    return found


def _exactly(number: str) -> Fraction:
    text = number.upper().replace("D", "E")
    value = float(text)  # before a fraction of it is made: its exponent may be anything
    if value == 0.0 and not re.search("[1-9]", text.partition("E")[0]):
        return Fraction(0)
    if value == 0.0 or not math.isfinite(value) or len(text) > _LONGEST_NUMBER:
        _refuse(f"certifies {number:.60}, which no float64 can hold")
    return Fraction(text)


def _table(lines: Sequence[str]) -> Floats:
    """Return the data, a row each: the response, then the predictors."""
    rows = [line.split() for line in lines if line.strip()]
    widths = {len(row) for row in rows}
    if len(widths) != 1 or min(widths) < 2:  # noqa: PLR2004  (a response and a predictor)
        _refuse(f"has data lines of {', '.join(map(str, sorted(widths))) or 'no'} numbers; each takes y and its x")
    for row in rows:
        for number in row:
            if not re.fullmatch(_NUMBER, number) or not math.isfinite(float(number.upper().replace("D", "E"))):
                _refuse(f"has '{number:.30}' among its data, which is no number that float64 holds")
    return np.array([[float(number.upper().replace("D", "E")) for number in row] for row in rows])


def _formula(lines: Sequence[str]) -> str:
    """Return the right-hand side of the model's formula, without blanks; it goes on until an empty line."""
    model = itertools.dropwhile(lambda line: not line.startswith("Model:"), lines)
    formula = itertools.dropwhile(lambda line: not re.match(r"\s*y\s*=", line), model)
    text = "".join(itertools.takewhile(str.strip, formula))
    if not text:
        _refuse("has no line 'Model: ...' with a formula 'y = ...' after it")
    return re.sub(r"\s+", "", text.partition("=")[2])


def _columns(formula: str, numbers: Sequence[int], head: str) -> dict[int, tuple[int, int]]:
    """Return, for each coefficient but B0, which predictor it multiplies (from 1) and to which power.

    numbers: of the certified coefficients, all of which must have a term.
    """
    columns: dict[int, tuple[int, int]] = {}
    dots = intercept = False
    for term in formula.split("+"):
        match = _TERM.fullmatch(term)
        if match is None:
            if term not in ("...", "e", ""):
                _refuse(f"its model has the term '{term:.40}', which is none of B0, B1*x, B1*x1, B2*(x**2)")
            dots |= term == "..."
        elif match[2] is None and match[3] is None:
            intercept |= int(match[1]) == 0
            if int(match[1]) != 0:
                _refuse(f"its model has the term '{term}' without a predictor")
        else:
            columns[int(match[1])] = (int(match[2] or 1), int(match[3] or 1))
    if dots:
        polynomial = any(power > 1 for _, power in columns.values())
        for k in set(numbers) - set(columns) - {0}:
            columns[k] = (1, k) if polynomial else (k, 1)
    if sorted([*columns, *([0] if intercept else [])]) != list(numbers):
        named = ", ".join(f"B{k}" for k in numbers)
        _refuse(f"its model 'y = {formula:.60}' does not have exactly the certified parameters {named}")
    stated = re.search(r"(\d{1,3}) Parameters?\b", head)
    if stated and int(stated[1]) != len(numbers):
        _refuse(f"says '{stated[0]}' and certifies {len(numbers)}")
    return dict(sorted(columns.items()))


def _design(columns: dict[int, tuple[int, int]], predictors: Floats) -> Floats:
    """Return the matrix of the model, without the intercept's ones."""
    used = {place for place, _ in columns.values()}
    if used != set(range(1, predictors.shape[1] + 1)):
        _refuse(f"its model uses {len(used)} predictors and its data hold {predictors.shape[1]}")
    if max(power for _, power in columns.values()) > _MAX_DEGREE:
        _refuse(f"its model has a power above {_MAX_DEGREE}")
    try:
        return np.column_stack([power(predictors[:, place - 1], k) for place, k in columns.values()])
    except OverflowError:
        message = "its model has powers that float64 cannot hold"
        raise _NotStrdError(message) from None
