"""Reading what a test has made into a table, or into a refusal."""

from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from lrbench.tables import BadTable, read_table


@pytest.fixture
def read(tmp_path):
    """Return a reader of CSV text or of a pyarrow table."""

    def read_content(content, target="price", **options):
        path = tmp_path / ("t.parquet" if isinstance(content, pa.Table) else "t.csv")
        if isinstance(content, pa.Table):
            pa.parquet.write_table(content, path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_table(path, target, **options)

    return read_content


@pytest.fixture
def refusal(read):
    """Return the words of a refusal, without the file's path."""

    def refuse(content, target="price", **options):
        with pytest.raises(BadTable) as caught:
            read(content, target, **options)
        path, _, words = str(caught.value).partition(": ")
        assert Path(path).stem == "t"
        return words

    return refuse
