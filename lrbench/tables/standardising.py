"""Features into a matrix whose columns have mean 0 and standard deviation 1: pure functions of arrays."""

from dataclasses import dataclass

import numpy as np

from lrbench.tables.records import BadTable, Floats, columns_named, counted, option

_EPSILON = float(np.finfo(np.float64).eps)
_SMALLEST = float(np.finfo(np.float64).tiny)
_ALIKE = 1 - 1e-6  # correlation from which two columns are compared value by value


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of X before it is standardised."""

    name: str
    source: str  # the file's column that it comes from
    data: Floats  # values, or positions of categories
    category: int | None = None  # the position that is 1 where all others are 0

    def values(self) -> Floats:
        """Return the numbers of the column."""
        return self.data if self.category is None else (self.data == self.category).astype(np.float64)


def standardise(values: Floats) -> tuple[Floats, float, float]:
    """Return (values - mean) / scale, the mean and the scale, which is the population standard deviation.

    The values are first divided by a power of two, which is exact and keeps every square within range, and
    centred twice: the second mean is the rounding error of the first.

    values: finite and not all the same.
    """
    exponent = int(np.frexp(np.abs(values).max())[1])
    scaled = np.ldexp(values, -exponent)
    first = float(scaled.mean())
    centred = scaled - first
    second = float(centred.mean())
    centred -= second
    scale = float(np.sqrt(np.mean(np.square(centred))))
    return centred / scale, float(np.ldexp(first + second, exponent)), float(np.ldexp(scale, exponent))


def standardised_matrix(features: list[Feature]) -> tuple[Floats, Floats, Floats]:
    """Return X in C order, the means and the scales.

    Errors: BadTable names the columns that are constant, or that vary by less than float64 can divide by.
    """
    n_samples = features[0].data.size
    X = np.empty((n_samples, len(features)))
    means, scales = np.empty((2, len(features)))
    constant, tiny = [], []
    for index, feature in enumerate(features):
        values = feature.values()
        if values.min() == values.max():
            constant.append(feature)
            continue
        X[:, index], means[index], scales[index] = standardise(values)
        if scales[index] < _SMALLEST:
            tiny.append(feature)
    if constant:
        each = ", ".join(f"{feature.name!r} ({float(feature.values()[0])!r})" for feature in constant)
        message = f"the same value in every row: {each}. {_leave_out(constant)}."
        raise BadTable(message)
    if tiny:
        names = columns_named([feature.name for feature in tiny])
        message = f"{names} with standard deviation below {_SMALLEST:.1e}. Multiply by a constant. {_leave_out(tiny)}."
        raise BadTable(message)
    return X, means, scales


def require_distinct(features: list[Feature], X: Floats, means: Floats, scales: Floats) -> None:
    """Refuse two columns that are the same up to a shift and a scale, sign included: no fit tells them apart.

    Two such columns, standardised, differ by the rounding of their values: a few eps times
    |value| / scale <= |mean| / scale + |standardised value|.

    Cost: 2 n_samples n_features^2 flops.
    """
    n_samples = X.shape[0]
    alike = np.abs(X.T @ X) / n_samples > _ALIKE
    roundings = 16 * _EPSILON * (np.abs(means / scales) + np.abs(X).max(axis=0))
    for j, i in np.argwhere(np.tril(alike, -1)):
        if _same(X[:, i], X[:, j], roundings[i] + roundings[j]):
            how = "" if means[i] == means[j] and scales[i] == scales[j] else " up to a shift and a scale"
            message = (
                f"columns {features[i].name!r} and {features[j].name!r} hold the same values{how}, so that no fit "
                f"can tell them apart. Leave one out, for example with {option('--drop', [features[j].source])}."
            )
            raise BadTable(message)


def require_target(target: str, y: Floats, features: list[Feature], X: Floats, means: Floats, scales: Floats) -> None:
    """Refuse a target that is constant, whose squares leave float64's range, or that is one of the features."""
    if y.min() == y.max():
        message = f"the target {target!r} is {float(y[0])!r} in every row: nothing is there to explain. Give another."
        raise BadTable(message)
    standard, mean, scale = standardise(y)
    smallest, largest = np.sqrt(_SMALLEST), np.sqrt(np.finfo(np.float64).max / y.size)
    if scale < smallest or np.abs(y).max() > largest:
        message = (
            f"the target {target!r} has standard deviation {scale:.1e} and largest size {np.abs(y).max():.1e}: its "
            f"squares leave float64's range. Multiply it by a constant."
        )
        raise BadTable(message)
    rounding = 16 * _EPSILON * (abs(mean) / scale + np.abs(standard).max())
    correlation = np.abs(X.T @ standard) / y.size
    for index in np.flatnonzero(correlation > _ALIKE):
        own = 16 * _EPSILON * (abs(means[index]) / scales[index] + np.abs(X[:, index]).max())
        if _same(X[:, index], standard, rounding + own):
            message = (
                f"column {features[index].name!r} is the target {target!r} up to a shift and a scale, so that nothing "
                f"is left to explain. {_leave_out([features[index]])}."
            )
            raise BadTable(message)


def require_rows(n_samples: int, n_features: int) -> None:
    """Refuse fewer rows than coefficients, intercept and one more, without which every residual is zero."""
    needed = n_features + 2
    if n_samples < needed:
        message = (
            f"{counted(n_samples, 'complete row')} for {counted(n_features, 'feature')}: at least {needed} are "
            f"needed, one for each coefficient, one for the intercept and one that leaves a residual. "
            f"Give more rows, or leave columns out with --drop COLUMN."
        )
        raise BadTable(message)


def _same(first: Floats, second: Floats, tolerance: float) -> bool:
    sign = 1.0 if first @ second > 0 else -1.0
    return bool(np.abs(first - sign * second).max() <= tolerance)


def _leave_out(features: list[Feature]) -> str:
    sources = list(dict.fromkeys(feature.source for feature in features))
    return f"Leave {'it' if len(sources) == 1 else 'them'} out with {option('--drop', sources)}"
