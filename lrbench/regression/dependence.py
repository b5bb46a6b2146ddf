"""Why a least-squares problem has no answer that float64 data determine, and which columns are at fault."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

_NAMED = 8  # columns that a message names before it counts the others
_TAKES_PART = 1e-6  # a weight in a combination, of columns of norm 1, below which a column is not named


class Unsolvable(np.linalg.LinAlgError):
    """The data do not determine the coefficients; `reason` says why, `columns` which columns to remove or mend."""

    def __init__(self, reason: str, columns: tuple[int, ...] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.columns = columns


def named(columns: list[int]) -> str:
    """Return columns as words: 'column 3', 'columns 1 and 4', 'columns 0, 1, 2 and 40 more'."""
    shown = [str(column) for column in columns[:_NAMED]]
    if len(columns) > _NAMED:
        shown.append(f"{len(columns) - _NAMED} more")
    if len(shown) == 1:
        return f"column {shown[0]}"
    return f"columns {', '.join(shown[:-1])} and {shown[-1]}"


def without_spread(X: NDArray[Any], *, intercept: bool) -> Unsolvable | None:
    """Return the complaint about columns that are zero throughout or, beside an intercept, constant; or None."""
    wanted = X[0] if intercept else np.zeros(X.shape[1])
    columns = [int(j) for j in range(X.shape[1]) if (X[:, j] == wanted[j]).all()]
    if not columns:
        return None
    what = "constant, so that nothing tells it from the intercept" if intercept else "zero throughout"
    return Unsolvable(f"{named(columns)} of X: {what}. Remove it.", tuple(columns))


def dependent_columns(R: Floats, tolerance: float, *, intercept: bool) -> Unsolvable:
    """Return the complaint about columns that are, within a tolerance, combinations of others.

    A pivoted QR of R (Businger and Golub): the column with most left after the others' directions are taken out comes
    next, the intercept's first; those with at most `tolerance` left are dependent.

    R: a triangular factor of the columns, brought to norm 1, the intercept's the last if there is one.
    """
    left = R.copy()
    order: list[int] = []
    free = list(range(len(R)))
    while free:
        norms = np.linalg.norm(left[:, free], axis=0)
        best = len(free) - 1 if intercept and not order else int(np.argmax(norms))
        if norms[best] <= tolerance:
            break
        order.append(free.pop(best))
        direction = left[:, order[-1]] / norms[best]
        for _ in range(2):  # once more: what rounding left of the direction
            left[:, free] -= np.outer(direction, direction @ left[:, free])
    return Unsolvable(_relations(R, order, free, intercept=intercept), tuple(sorted(free)))


def _relations(R: Floats, basis: list[int], dependent: list[int], *, intercept: bool) -> str:
    """Say of what each dependent column is a combination."""
    weights = np.linalg.lstsq(R[:, basis], R[:, dependent], rcond=None)[0]
    parts = []
    for column, weight in zip(dependent[:_NAMED], weights.T, strict=False):
        others = sorted(basis[k] for k in np.flatnonzero(np.abs(weight) > _TAKES_PART))
        constant = bool(intercept and others and others[-1] == len(R) - 1)
        names = named(others[:-1] if constant else others) if len(others) > constant else ""
        of = " and ".join(filter(None, [names, "a constant" if constant else ""])) or "the others"
        parts.append(f"column {column} is, up to rounding, a combination of {of}")
    return f"{'; '.join(parts)}. Remove {named(sorted(dependent))} of X."
