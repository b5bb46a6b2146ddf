"""A table as people have them: text and gaps among its numbers."""

import numpy as np
import pytest

from lrbench.tables import BadTable, read_table

EPSILON = np.finfo(np.float64).eps
SEED = 20


@pytest.fixture(scope="module")
def housing(tmp_path_factory):
    rng = np.random.default_rng(SEED)
    n = 20_000
    income = rng.gamma(4, 1, n).round(4)
    rooms = rng.integers(2, 6000, n)
    bedrooms = np.array((rooms * rng.uniform(0.15, 0.3, n)).astype(int).astype(str), dtype=object)
    bedrooms[rng.choice(n, 207, replace=False)] = ""
    places = ["<1H OCEAN", "INLAND", "ISLAND", "NEAR BAY", "NEAR OCEAN"]
    columns = {
        "longitude": rng.uniform(-124.3, -114.3, n).round(2),
        "latitude": rng.uniform(32.5, 42, n).round(2),
        "housing_median_age": rng.integers(1, 53, n),
        "total_rooms": rooms,
        "total_bedrooms": bedrooms,
        "population": rng.integers(3, 5000, n),
        "households": rng.integers(1, 2000, n),
        "median_income": income,
        "median_house_value": (income * 40_000 + rng.normal(scale=50_000, size=n)).round(1),
        "ocean_proximity": rng.choice(places, n, p=[0.44, 0.32, 0.01, 0.11, 0.12]),
    }
    path = tmp_path_factory.mktemp("housing") / "housing.csv"
    lines = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_housing_is_refused_with_both_ways_out(housing):
    with pytest.raises(BadTable) as caught:
        read_table(housing, "median_house_value")
    first = housing.read_text().splitlines()[1].rpartition(",")[2]
    assert str(caught.value) == (
        f"{housing}: column 'ocean_proximity' is text, not numbers (first {first!r}). Make it columns of 0 and 1 with "
        "--one-hot ocean_proximity (k values give k - 1 columns), or leave it out with --drop ocean_proximity."
    )
    with pytest.raises(BadTable, match=r"'total_bedrooms' has 207 missing values \(data rows \d+, \d+, \d+ and 204 mo"):
        read_table(housing, "median_house_value", one_hot=["ocean_proximity"])


def test_housing_is_read_with_one_hot_and_without_missing(housing):
    table = read_table(housing, "median_house_value", one_hot=["ocean_proximity"], drop_missing=True)
    assert table.X.shape == (19_793, 12)
    assert table.feature_names[-4:] == tuple(
        f"ocean_proximity={place}" for place in ("INLAND", "ISLAND", "NEAR BAY", "NEAR OCEAN")
    )
    # Sums along contiguous columns are pairwise; down the rows of X they would lose n eps.
    columns = np.ascontiguousarray(table.X.T)
    assert np.abs(columns.mean(axis=1)).max() < 4 * EPSILON
    np.testing.assert_allclose(columns.std(axis=1), 1, rtol=16 * EPSILON)
    assert table.remarks == (
        "Read 20000 rows of 10 columns.",
        "207 rows with missing values were dropped (by column: 'total_bedrooms' 207).",
        "'ocean_proximity' became 4 columns of 0 and 1; the value left out is '<1H OCEAN'.",
        "19793 samples of 12 features; target 'median_house_value' left as it is.",
        "Features standardised to mean 0 and standard deviation 1.",
    )


def test_housing_is_read_with_drop(housing):
    table = read_table(housing, "median_house_value", drop=["ocean_proximity", "total_bedrooms"])
    assert table.X.shape == (20_000, 7)
