"""Any content at all is a table or a refusal, and the same table in either format."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lrbench.tables import BadTable, read_table
from lrbench.tables.columns import _NUMBER

numbers = st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda v: round(v, 3))


@settings(max_examples=60, deadline=None)
@given(values=st.integers(1, 4).flatmap(lambda d: arrays(np.float64, (d + 4, d + 1), elements=numbers)))
def test_csv_and_parquet_give_the_same_table(tmp_path_factory, values):
    folder = tmp_path_factory.mktemp("round")
    content = pa.table({f"c{j}": values[:, j] for j in range(values.shape[1])})
    pa.csv.write_csv(content, folder / "t.csv")
    pa.parquet.write_table(content, folder / "t.parquet")
    outcomes = []
    for name in ("t.csv", "t.parquet"):
        try:
            table = read_table(folder / name, "c0")
            outcomes.append((table.X.tobytes(), table.y.tobytes(), table.means.tobytes(), table.remarks))
            assert np.isfinite(table.X).all()
        except BadTable as error:
            outcomes.append(str(error).partition(": ")[2])
    assert outcomes[0] == outcomes[1]


@settings(max_examples=200, deadline=None)
@given(st.text("0123456789.eE+-infINFTYty", max_size=8).filter(bool))
def test_the_pattern_of_numbers_is_what_the_cast_takes(text):
    try:
        pa.array([text]).cast(pa.float64())
        taken = True
    except pa.ArrowInvalid:
        taken = False
    assert pc.match_substring_regex(pa.array([text]), _NUMBER)[0].as_py() is taken


def outcome(path):
    """Return the refusal's message, or whether X is finite."""
    try:
        table = read_table(path, "a")
    except BadTable as error:
        return str(error)
    return "finite" if np.isfinite(table.X).all() else "not finite"


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=60) | st.text("ab,;\n\"'1.5- NA", max_size=60).map(str.encode))
def test_any_bytes_are_a_table_or_a_refusal(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("bytes") / "t.csv"
    path.write_bytes(content)
    assert outcome(path).startswith((f"{path}: ", "finite"))


@pytest.mark.parametrize("seed", range(40))
def test_damaged_parquet_is_a_table_or_a_refusal(tmp_path, seed):
    rng = np.random.default_rng(seed)
    path = tmp_path / "t.parquet"
    pa.parquet.write_table(pa.table({"a": rng.normal(size=50), "b": rng.normal(size=50)}), path)
    data = bytearray(path.read_bytes())
    for position in rng.integers(4, len(data), size=3):
        data[position] = rng.integers(256)
    path.write_bytes(data[: rng.integers(4, len(data))] if seed % 2 else data)
    assert outcome(path).startswith((f"{path}: ", "finite"))
