"""pytest-benchmark's JSON as measurements."""

import json

import pytest
from result_files import PYTEST_BENCHMARK, changed, write

from lrbench.comparisons import make_report
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


STATS = {"median": 4.0, "min": 3.0, "q1": 3.5, "q3": 5.5, "iqr": 2.0, "rounds": 5, "iterations": 2}


@pytest.mark.parametrize(
    ("change", "spread"),
    [
        ({}, (4.0, 2.0, 3.0)),
        ({"min": None, "q1": None}, (4.0, None, None)),
        ({"min": 4.5, "q1": 4.5}, (4.0, None, None)),  # what contradicts the median is not known
        ({"rounds": 1}, (4.0, None, 4.0)),  # the median of one sample is that sample
        ({"data": [3.0, 4.0, 5.0]}, (4.0, 1.0, 3.0)),
        ({"min": 10**400, "q3": "high"}, (4.0, None, None)),
    ],
)
def test_a_spread_is_that_of_the_samples_or_else_what_the_file_states(tmp_path, change, spread):
    document = changed(PYTEST_BENCHMARK, benchmarks=[{"name": "t", "stats": {**STATS, **change}}])
    measurements, _ = read([write(tmp_path / "x.json", document)])
    (row,) = make_report(measurements).rows
    assert (row.median_s, row.iqr_s, row.min_s) == spread


def test_notes_of_other_projects_that_are_no_numbers_are_left_out_with_a_remark(tmp_path):
    notes = [
        {"threads": "auto", "digits": "8 of 10"},
        {"threads": -1, "digits": None},
        {"threads": 2, "digits": -0.5},
        {"threads": True, "digits": 10**400},
        {"digits": 1e-300},
        {"threads": [1], "digits": 0},
    ]
    benchmarks = [{"name": f"t{k}", "extra_info": note, "stats": STATS} for k, note in enumerate(notes)]
    path = write(tmp_path / "x.json", changed(PYTEST_BENCHMARK, benchmarks=benchmarks))
    measurements, remarks = read([path])
    sides = {side.implementation: (m.threads, side.digits) for m in measurements for side in m.sides}
    assert sides == {
        "t0": (0, None),
        "t1": (0, None),
        "t2": (2, -0.5),
        "t3": (0, None),
        "t4": (0, None),
        "t5": (0, 0.0),
    }
    assert remarks == [
        f"{path}: extra_info 'threads' of 4 benchmarks is no number of threads; it is left out.",
        f"{path}: extra_info 'digits' of 4 benchmarks is no number; it is left out.",
    ]


def test_one_note_that_is_no_number_is_told_of_one_benchmark(tmp_path):
    document = changed(PYTEST_BENCHMARK, benchmarks=[{"extra_info": {"digits": "all"}, "stats": STATS}])
    path = write(tmp_path / "x.json", document)
    assert read([path])[1] == [f"{path}: extra_info 'digits' of 1 benchmark is no number; it is left out."]
