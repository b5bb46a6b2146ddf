"""From a file's cells to a `Table`: what was asked for is checked, then each column, then each row."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from lrbench.tables.columns import Column, categories, look_at
from lrbench.tables.files import Cells
from lrbench.tables.records import (
    BadTable,
    Floats,
    Rows,
    Table,
    columns_named,
    counted,
    data_rows,
    nearest,
    option,
    shown,
)
from lrbench.tables.standardising import (
    Feature,
    require_distinct,
    require_rows,
    require_target,
    standardised_matrix,
)

_PANDAS_INDEX = "__index_level_0__"


def assemble(cells: Cells, target: str, *, one_hot: Sequence[str], drop: Sequence[str], drop_missing: bool) -> Table:
    """Return the table that was asked for, or raise BadTable."""
    _require_request(list(cells.columns), target, one_hot, drop)
    columns = {
        name: look_at(name, column, from_text=cells.from_text, categorical=name in one_hot)
        for name, column in cells.columns.items()
        if name not in drop
    }
    _require_numbers(columns.values(), target, one_hot)
    rows, dropped_rows = _complete_rows(columns, target, cells.n_rows, drop_missing=drop_missing)
    _require_finite(columns.values(), one_hot, rows)
    features, encoded = _features(columns, target, one_hot, rows)
    require_rows(rows.size, len(features))
    X, means, scales = standardised_matrix(features)
    y = _numbers(columns[target])[rows]
    require_target(target, y, features, X, means, scales)
    require_distinct(features, X, means, scales)
    dropped = (f"Left out as asked: {columns_named(drop)}.",) if drop else ()
    kept = f"{counted(rows.size, 'sample')} of {counted(len(features), 'feature')}; target {target!r} left as it is."
    standardised = "Features standardised to mean 0 and standard deviation 1."
    remarks = (*cells.remarks, *dropped, *dropped_rows, *encoded, kept, standardised)
    return Table(X, y, tuple(feature.name for feature in features), target, means, scales, remarks)


def _require_request(names: Sequence[str], target: str, one_hot: Sequence[str], drop: Sequence[str]) -> None:
    """Refuse names that are not there, or that are asked for twice over."""
    problems = []
    if len(names) == 1:
        problems.append(
            f"has one column only, {shown(names[0])}, and needs a target and a feature. "
            "Separate cells by commas, semicolons or tabs."
        )
    if target not in names:
        problems.append(f"no column {target!r}, the target. {nearest(target, names)}")
    for flag, asked in (("--one-hot", one_hot), ("--drop", drop)):
        problems += [
            f"no column {name!r}, named by {flag}. {nearest(name, names)}" for name in asked if name not in names
        ]
        if target in asked:
            problems.append(f"{target!r} is the target, so {flag} cannot name it. Take {option(flag, [target])} away.")
    if both := [name for name in one_hot if name in drop]:
        problems.append(f"{columns_named(both)} cannot be both --one-hot and --drop. Take one of them away.")
    problems += [_nameless(index, name) for index, name in enumerate(names) if name not in drop and _is_nameless(name)]
    if not problems and len(drop) >= len(names) - 1:
        problems.append(f"--drop leaves no feature beside the target {target!r}. Keep a column at least.")
    if problems:
        raise BadTable(problems[0])


def _is_nameless(name: str) -> bool:
    return name in {"", _PANDAS_INDEX}


def _nameless(index: int, name: str) -> str:
    return (
        f"column {index + 1} has no name of its own ({name!r}), as when a program writes its row numbers. "
        f"Name it in the file, or leave it out with {option('--drop', [name])}."
    )


def _require_numbers(columns: Iterable[Column], target: str, one_hot: Sequence[str]) -> None:
    """Refuse every column that is not numbers and was not asked for as categories, all in one message."""
    text, sentences = [], []
    for column in columns:
        if column.kind not in {"numbers", "text"}:
            sentences.append(_strange_type(column, target))
        elif column.kind == "numbers" or column.name in one_hot:
            continue
        elif column.commas or column.mostly_numbers or column.name == target:
            sentences.append(_bad_cells(column, target))
        else:
            text.append(column)
    if text:
        names = [column.name for column in text]
        verb, them = ("is", "it") if len(text) == 1 else ("are", "them")
        firsts = ", ".join(shown(column.first_misfit) for column in text)
        sentences.insert(
            0,
            f"{columns_named(names)} {verb} text, not numbers (first {firsts}). "
            f"Make {them} columns of 0 and 1 with {option('--one-hot', names)} (k values give k - 1 columns), "
            f"or leave {them} out with {option('--drop', names)}.",
        )
    if sentences:
        message = " Also: ".join(sentences)
        raise BadTable(message)


def _strange_type(column: Column, target: str) -> str:
    if column.name == target:
        return f"the target {target!r} is {column.kind}, not numbers. Give a target of numbers."
    remedy = f"Leave it out with {option('--drop', [column.name])}."
    return f"column {column.name!r} is {column.kind}, neither numbers nor text. {remedy}"


def _bad_cells(column: Column, target: str) -> str:
    what = f"column {column.name!r}" if column.name != target else f"the target {target!r}"
    where = f"{data_rows(column.misfits)}; first {shown(column.first_misfit)}"
    if column.commas:
        return (
            f"{what} has numbers written with commas ({where}). Write a decimal point, and nothing between "
            f"thousands; lrbench never guesses what a comma means."
        )
    count = counted(column.misfits.size, "cell")
    cells = f"{what} has {count} that {'is not a number' if column.misfits.size == 1 else 'are not numbers'} ({where})."
    if column.name == target:
        return f"{cells} Correct them, or give a target of numbers."
    return f"{cells} Correct or empty them, or leave the column out with {option('--drop', [column.name])}."


def _complete_rows(
    columns: Mapping[str, Column], target: str, n_rows: int, *, drop_missing: bool
) -> tuple[Rows, tuple[str, ...]]:
    """Return the rows with no missing value, and what was left out."""
    gaps = {name: np.flatnonzero(column.missing) for name, column in columns.items() if column.missing.any()}
    missing = np.zeros(n_rows, dtype=np.bool_)
    for rows in gaps.values():
        missing[rows] = True
    complete = np.flatnonzero(~missing)
    if not gaps:
        return complete, ()
    if not drop_missing:
        raise BadTable(_missing_message(gaps, target, np.flatnonzero(missing), n_rows))
    counts = ", ".join(f"{name!r} {rows.size}" for name, rows in gaps.items())
    if not complete.size:
        emptiest = max(gaps, key=lambda name: gaps[name].size if name != target else -1)
        remedy = option("--drop", [emptiest]) if emptiest != target else "another target"
        message = f"every row has a missing value, so --drop-missing leaves none (by column: {counts}). Try {remedy}."
        raise BadTable(message)
    number = n_rows - complete.size
    verb = "was" if number == 1 else "were"
    return complete, (f"{counted(number, 'row')} with missing values {verb} dropped (by column: {counts}).",)


def _missing_message(gaps: Mapping[str, Rows], target: str, rows: Rows, n_rows: int) -> str:
    names = list(gaps)
    if len(gaps) == 1:
        count = counted(gaps[names[0]].size, "missing value")
        what = f"column {names[0]!r} has {count} ({data_rows(gaps[names[0]])})"
    else:
        each = ", ".join(f"{name!r} {gap.size} ({data_rows(gap)})" for name, gap in gaps.items())
        what = f"missing values in {len(gaps)} columns, {rows.size} of {counted(n_rows, 'row')}: {each}"
    way_out = "Leave such rows out with --drop-missing, or fill them"
    return f"{what}. {way_out}{'; lrbench never guesses a target' if target in gaps else ''}."


def _require_finite(columns: Iterable[Column], one_hot: Sequence[str], rows: Rows) -> None:
    infinite = {}
    for column in columns:
        if column.name not in one_hot and (found := rows[np.isinf(_numbers(column)[rows])]).size:
            infinite[column.name] = found
    if infinite:
        each = ", ".join(f"{name!r} {found.size} ({data_rows(found)})" for name, found in infinite.items())
        message = (
            f"infinite values, or numbers beyond 1.8e308: {each}. Correct or empty them, "
            f"or leave the columns out with --drop COLUMN."
        )
        raise BadTable(message)


def _numbers(column: Column) -> Floats:
    if column.numbers is None:
        message = f"column {column.name!r} is not numbers. Leave it out with {option('--drop', [column.name])}."
        raise BadTable(message)
    return column.numbers


def _features(
    columns: Mapping[str, Column], target: str, one_hot: Sequence[str], rows: Rows
) -> tuple[list[Feature], list[str]]:
    """Return the features in the file's order, and a sentence for each column made into categories."""
    features, remarks = [], []
    for name, column in columns.items():
        if name == target:
            continue
        if name not in one_hot:
            features.append(Feature(name, name, _numbers(column)[rows]))
            continue
        labels, codes = categories(column, rows)
        if len(labels) == 1:
            message = (
                f"the same value in every row: {name!r} ({labels[0]}). Leave it out with {option('--drop', [name])}."
            )
            raise BadTable(message)
        encoded = [Feature(f"{name}={label}", name, codes, category=k) for k, label in enumerate(labels)]
        features += encoded[1:]
        made = counted(len(encoded) - 1, "column")
        remarks.append(f"{name!r} became {made} of 0 and 1; the value left out is {shown(labels[0])}.")
    _require_unique(features)
    return features, remarks


def _require_unique(features: Sequence[Feature]) -> None:
    sources: dict[str, str] = {}
    for feature in features:
        if feature.name in sources:
            message = (
                f"--one-hot makes a second column {feature.name!r}. "
                f"Leave one out with {option('--drop', [feature.source])} "
                f"or {option('--drop', [sources[feature.name]])}."
            )
            raise BadTable(message)
        sources[feature.name] = feature.source
