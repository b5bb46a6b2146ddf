"""pytest-benchmark's JSON as measurements."""

import json

import pytest
from result_files import PYTEST_BENCHMARK, changed, write

from lrbench.comparisons.histories import moments_of
from lrbench.readers import read

COMMIT = "bf3da65d0f7d0f9a3f4f6f1ad0d65f2a3a9d7c11"


def test_pytest_benchmark_is_read_by_extra_info():
    (named, plain), remarks = read([PYTEST_BENCHMARK])
    assert remarks == []
    assert (named.problem, named.size, named.threads, named.source) == ("vector_addition", "10", 0, "pytest-benchmark")
    assert not named.paired
    assert [(s.implementation, s.algorithm, s.digits, s.number) for s in named.sides] == [
        ("numpy_vectorized", "loop", 16.0, 10),
        ("numpy_out", "loop", 16.0, 10),
    ]
    data = json.loads(PYTEST_BENCHMARK.read_text())["benchmarks"][0]["stats"]["data"]
    assert named.sides[0].times_s == pytest.approx(data)
    assert named.environment == {
        "machine": "host",
        "system": "Linux",
        "cpu": "AMD EPYC",
        "python": "CPython 3.11.7",
        "commit": COMMIT,
        "dirty": False,
    }
    assert (plain.problem, plain.size, plain.sides[0].implementation) == ("pytest-benchmark", "", "test_plain")


def test_pytest_benchmark_without_data_gives_its_median(tmp_path):
    document = json.loads(PYTEST_BENCHMARK.read_text())
    for benchmark in document["benchmarks"]:
        del benchmark["stats"]["data"]
    path = write(tmp_path / "x.json", document)
    (named, _), _ = read([path])
    assert named.sides[0].times_s == pytest.approx((document["benchmarks"][0]["stats"]["median"],))


@pytest.mark.parametrize(("dirty", "commit"), [(True, "bf3da65+"), (False, COMMIT), ("yes", COMMIT), (None, COMMIT)])
def test_changed_code_has_a_plus_behind_its_commit(tmp_path, dirty, commit):
    document = changed(PYTEST_BENCHMARK, commit_info={"id": COMMIT, "dirty": dirty})
    measurements, _ = read([write(tmp_path / "x.json", document)])
    assert moments_of(measurements)[0][0] == commit
    assert measurements[0].environment.get("dirty") == (dirty if isinstance(dirty, bool) else None)


def test_tests_of_one_name_are_told_apart(tmp_path):
    document = json.loads(PYTEST_BENCHMARK.read_text())
    document["benchmarks"] = [document["benchmarks"][0]] * 3
    ((named,), _) = read([write(tmp_path / "x.json", document)])
    assert [s.implementation for s in named.sides] == [
        "numpy_vectorized",
        "test_x.py::test_speed[vector_addition/10/numpy_vectorized]",
        "numpy_vectorized (2)",
    ]
