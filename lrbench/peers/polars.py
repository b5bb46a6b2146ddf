"""Vector addition of two series of Polars, on one thread; a series is Arrow's memory, and knows of missing values.

Documentation: https://docs.pola.rs/api/python/stable/reference/series/index.html
"""

from typing import Any

import polars as pl


def series(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return arrays as series."""
    return tuple(pl.Series(name, value) for name, value in zip("ab", inputs, strict=True))


def add(a: Any, b: Any) -> Any:
    """Return a + b as a new series.

    a, b: n float64 without missing values.
    """
    return a + b
