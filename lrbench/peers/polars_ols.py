"""Least squares by polars-ols, an expression of Polars written in Rust over faer.

Settings: mode="coefficients" and add_intercept=True, its own. solve_method is left open, as documented, which takes a
QR here, and once set to "chol", the Cholesky factor of the normal equations. null_policy="ignore", the default, spares
the search for missing values. The table's columns are the memory of the arrays, without a copy.
Documentation: https://github.com/azmyrajab/polars_ols
"""

from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray
from polars_ols import OLSKwargs, compute_least_squares

Floats = NDArray[np.float64]


def table(inputs: tuple[Floats, Floats]) -> tuple[Any]:
    """Return a table of the columns of X, in Fortran order, and of y, which is its last."""
    X, y = inputs
    columns = {**{f"x{j}": pa.array(column) for j, column in enumerate(X.T)}, "y": pa.array(y)}
    return (pl.from_arrow(pa.table(columns)),)


def ols(frame: Any) -> tuple[Floats, float]:
    """Return (w, b) by the method that polars-ols chooses itself."""
    return _by(frame, None)


def ols_cholesky(frame: Any) -> tuple[Floats, float]:
    """Return (w, b) by the normal equations and their Cholesky factor."""
    return _by(frame, "chol")


def _by(frame: Any, method: str | None) -> tuple[Floats, float]:
    fit = compute_least_squares(
        "y",
        *frame.columns[:-1],
        mode="coefficients",
        add_intercept=True,
        ols_kwargs=OLSKwargs(solve_method=method),
    )
    coefficients = frame.select(fit.alias("fit")).unnest("fit").to_numpy()[0]
    return coefficients[:-1], coefficients[-1]
