"""Certified data sets: what NIST publishes, and the same divided by three.

The numbers are facts of the Statistical Reference Datasets of NIST (https://www.itl.nist.gov/div898/strd); Wampler's
five are given by their formulas. The certified coefficients are those of the decimal numbers, to 15 digits; the exact
solution of the float64 problem differs from them by what rounding the data does.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from lrbench.registry import Floats

CERTIFIED = "certified data sets"
THIRDS = "certified data sets, X and y divided by 3"


class BadDataset(ValueError):
    """A data set cannot be used; the message says which, why, and what to do."""


Coefficients = tuple[Fraction, ...]  # w, and then b: 0 for a model without an intercept


@dataclass(frozen=True, slots=True)
class Dataset:
    """One least-squares problem."""

    name: str
    group: str  # data sets of one group share a table
    X: Floats  # (n_samples, n_features)
    y: Floats  # (n_samples,)
    intercept: bool = True
    certified: Coefficients | None = None  # as published
    nominal_condition_number: float | None = None  # of generated data, what they were made to have


# y: employment; X: GNP deflator, GNP, unemployed, armed forces, population from 14 years on, year.
_LONGLEY = """
60323  83.0 234289 2356 1590 107608 1947
61122  88.5 259426 2325 1456 108632 1948
60171  88.2 258054 3682 1616 109773 1949
61187  89.5 284599 3351 1650 110929 1950
63221  96.2 328975 2099 3099 112075 1951
63639  98.1 346999 1932 3594 113270 1952
64989  99.0 365385 1870 3547 115094 1953
63761 100.0 363112 3578 3350 116219 1954
66019 101.2 397469 2904 3048 117388 1955
67857 104.6 419180 2822 2857 118734 1956
68169 108.4 442769 2936 2798 120445 1957
66513 110.8 444546 4681 2637 121950 1958
68655 112.6 482704 3813 2552 123366 1959
69564 114.2 502601 3931 2514 125368 1960
69331 115.7 518173 4806 2572 127852 1961
70551 116.9 554894 4007 2827 130081 1962
"""
_LONGLEY_COEFFICIENTS = (
    "15.0618722713733 -0.0358191792925910 -2.02022980381683 -1.03322686717359 -0.0511041056535807 1829.15146461355 "
    "-3482258.63459582"
)

# y: a customer's ozone monitor; x: NIST's.
_NORRIS = """
0.1 0.2      338.8 337.4  118.1 118.2  888.0 884.6  9.2 10.1     228.1 226.5  668.5 666.3  998.5 996.3  449.1 448.6
778.9 777.0  559.2 558.2  0.3 0.4      0.1 0.6      778.1 775.5  668.8 666.9  339.3 338.0  448.9 447.5  10.8 11.6
557.7 556.0  228.3 228.1  998.0 995.8  888.8 887.6  119.6 120.2  0.3 0.3      0.6 0.3      557.6 556.8  339.3 339.1
888.0 887.2  998.5 999.0  778.9 779.0  10.2 11.1    117.6 118.3  228.9 229.2  668.4 669.1  449.2 448.9  0.2 0.5
"""
_NORRIS_COEFFICIENTS = "1.00211681802045 -0.262323073774029"

# What Wampler3 to 5 add to the first polynomial, times 1, 100 and 10000: it changes no coefficient.
_HALF_DELTA = (759, -2048, 2048, -2048, 2523, -2048, 2048, -2048, 1838, -2048)
_WAMPLER_DELTA = (*_HALF_DELTA, 2048, *reversed(_HALF_DELTA))


def built_in() -> tuple[Dataset, ...]:
    """Return Norris, Longley and Wampler1 to 5, in the order of rising difficulty."""
    return (_norris(), _longley(), *(_wampler(number) for number in range(1, 6)))


def thirds(datasets: Iterable[Dataset]) -> tuple[Dataset, ...]:
    """Return data sets with X and y divided by three, which takes away what whole numbers owe to being exact."""
    return tuple(
        replace(d, name=f"{d.name}/3", group=THIRDS, X=d.X / 3.0, y=d.y / 3.0, certified=None) for d in datasets
    )


def power(x: Floats, k: int) -> Floats:
    """Return x^k, each element rounded once; OverflowError where float64 cannot hold it."""
    return np.array([float(Fraction(value) ** k) for value in x.tolist()])


def _longley() -> Dataset:
    table = np.array(_LONGLEY.split(), dtype=np.float64).reshape(16, 7)
    return Dataset(
        "Longley", CERTIFIED, table[:, 1:].copy(), table[:, 0].copy(), certified=_decimals(_LONGLEY_COEFFICIENTS)
    )


def _norris() -> Dataset:
    table = np.array(_NORRIS.split(), dtype=np.float64).reshape(36, 2)
    return Dataset(
        "Norris", CERTIFIED, table[:, 1:].copy(), table[:, 0].copy(), certified=_decimals(_NORRIS_COEFFICIENTS)
    )


def _decimals(text: str) -> Coefficients:
    return tuple(Fraction(number) for number in text.split())


def _wampler(number: int) -> Dataset:
    """Return y = sum of x^k, or (x/10)^k for the second, for k = 0 to 5 at x = 0 to 20, with its certified answer."""
    unit = Fraction(1, 10) if number == 2 else Fraction(1)  # noqa: PLR2004  (the second of the five)
    size = {3: 1, 4: 100, 5: 10000}.get(number, 0)
    y = [sum((unit * x) ** k for k in range(6)) + size * delta for x, delta in enumerate(_WAMPLER_DELTA)]
    return Dataset(
        f"Wampler{number}",
        CERTIFIED,
        np.column_stack([power(np.arange(21.0), k) for k in range(1, 6)]),
        np.array([float(value) for value in y]),
        certified=(*(unit**k for k in range(1, 6)), Fraction(1)),
    )
