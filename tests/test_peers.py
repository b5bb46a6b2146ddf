"""Other people's libraries pass the gate where they are installed, and are skipped with their reason where not."""

import importlib.util
import re
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lrbench import gate
from lrbench.measure import environment
from lrbench.peers import layouts
from lrbench.problems import PROBLEMS
from lrbench.problems.peers import SINGLE_SAMPLES
from lrbench.registry import Case, Implementation, missing_packages

EXTRAS = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]
DISTRIBUTIONS = {
    "sklearn": "scikit-learn",
    "sklearnex": "scikit-learn-intelex",
    "polars_ols": "polars-ols",
    "dask_ml": "dask-ml",
}
BY_NAME = {problem.name: problem for problem in PROBLEMS}
PEERS = [Case(p, p.quick_size, i) for p in PROBLEMS for i in p.implementations if i.is_peer]
ONES_BY_COLUMN = "lrbench.peers.layouts:with_ones_by_column"


def packages_of(extra):
    return {re.match(r"[\w-]+", requirement)[0] for requirement in EXTRAS[extra]}


def distributions(case):
    return {DISTRIBUTIONS.get(name, name) for name in case.implementation.requires}


ALWAYS_TESTED = [case for case in PEERS if distributions(case) <= packages_of("test")]
any_peer = pytest.mark.parametrize("case", PEERS, ids=lambda case: case.id)


@any_peer
def test_a_peer_that_is_installed_passes_the_gate(case):
    if reason := missing_packages(case.implementation):
        pytest.skip(reason)
    least = 1 if "SGD" in case.implementation.algorithm and case.problem.tolerance else 10
    assert gate.prepare(case).digits > least


def test_some_peers_are_tested_wherever_the_tests_run():
    assert {"numpy_lstsq", "scipy_gelsd", "scikit_learn", "scikit_learn_sgd", "pyarrow"} <= {
        case.implementation.name for case in ALWAYS_TESTED if not missing_packages(case.implementation)
    }


@any_peer
def test_a_peer_that_is_missing_is_skipped_with_its_reason(case, monkeypatch):
    if not case.implementation.requires:
        assert case.implementation.name.startswith(("numpy_", "pyarrow"))  # lrbench itself needs their packages
        return
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    names = ", ".join(case.implementation.requires)
    with pytest.raises(gate.Unavailable, match=rf"needs {names}: pip install 'lrbench\[{case.implementation.extra}\]'"):
        gate.prepare(case)


@any_peer
def test_the_extra_that_a_peer_names_brings_its_packages(case):
    assert distributions(case) <= packages_of(case.implementation.extra)


def test_a_package_that_is_there_but_cannot_be_loaded_is_a_reason_and_not_a_failure():
    broken = Implementation("broken", "none", "lrbench.peers.broken:solve")
    with pytest.raises(gate.Unavailable, match="cannot be imported here: ModuleNotFoundError: No module named"):
        gate.prepare(Case(BY_NAME["least_squares"], "1000x2", broken))


@pytest.mark.parametrize(
    ("compiler", "reason"),
    [
        (
            "no-such-compiler",
            r"no C compiler 'no-such-compiler' on PATH\. Install one \(Debian: gcc\), or name yours in CC\.",
        ),
        ("false --strict", r"false --strict -O3 -march=native -shared -fPIC -o .*add\.so .*add\.c ended with 1: "),
    ],
)
def test_a_compiler_that_is_missing_or_fails_is_a_reason(compiler, reason, monkeypatch):
    pytest.importorskip("cffi", reason="needs cffi: pip install 'lrbench[peers]'")
    monkeypatch.delitem(sys.modules, "lrbench.peers.cffi", raising=False)
    monkeypatch.setenv("CC", compiler)
    with pytest.raises(gate.Unavailable, match=f"cannot be imported here: ImportError: {reason}"):
        gate.prepare(Case(BY_NAME["vector_addition"], "10", BY_NAME["vector_addition"].implementation("c_cffi")))


def test_our_own_code_that_cannot_be_loaded_is_a_failure():
    broken = Implementation("broken", "none", "lrbench.regression.broken:solve")
    with pytest.raises(ModuleNotFoundError):
        gate.prepare(Case(BY_NAME["least_squares"], "1000x2", broken))


@pytest.mark.parametrize("layout", [layouts.with_ones_by_column, layouts.by_column])
@pytest.mark.parametrize("shape", [(7, 3), (5, 1), (1, 2)])
def test_a_layout_holds_the_data_where_a_peer_wants_them(layout, shape):
    X, y = np.random.default_rng(1).random(shape), np.arange(float(shape[0]))
    A, target = layout((X, y))
    np.testing.assert_array_equal(A[:, : shape[1]], X)
    assert target is y
    assert A.ctypes.data % 64 == 0
    assert A.flags.f_contiguous
    if layout is not layouts.by_column:
        np.testing.assert_array_equal(A[:, shape[1] :], np.ones((shape[0], 1)))


@pytest.fixture
def question():
    return gate.ask(BY_NAME["least_squares"], "1000x2")


def least_squares(name, target, **fields):
    return Case(BY_NAME["least_squares"], "1000x2", Implementation(name, name, target, **fields))


def test_peers_that_want_the_same_layout_share_it(question):
    first, second = (
        gate.prepare(least_squares(name, "lrbench.peers.numpy:lstsq", layout=ONES_BY_COLUMN), question)
        for name in ("first", "second")
    )
    assert first.call.args[0] is second.call.args[0]
    assert len(question.layouts) == 1


def test_who_overwrites_a_shared_layout_is_refused_and_spoils_nobody_elses(question):
    kept = gate.prepare(least_squares("kept", "lrbench.peers.numpy:lstsq", layout=ONES_BY_COLUMN), question)
    before = kept.call()
    spoiler = least_squares("spoiler", "broken:overwritten_layout", layout=ONES_BY_COLUMN)
    with pytest.raises(gate.WrongAnswer, match="least_squares/1000x2/spoiler: changed its inputs"):
        gate.prepare(spoiler, question)
    np.testing.assert_array_equal(kept.call()[0], before[0])
    assert gate.checksum(question.inputs) == question.checksum


def test_single_samples_have_a_right_answer_of_their_own():
    problem = BY_NAME["sgd_epoch"]
    single = Implementation("single", SINGLE_SAMPLES, "lrbench.regression.numpy_vectorized:sgd_epoch")
    assert gate.prepare(Case(problem, "1000x2", single)).digits > 14
    with pytest.raises(gate.WrongAnswer, match=r"'SGD, batch 1' differ first after sample 2\."):
        gate.prepare(Case(problem, "1000x2", replace(single, target="broken:batches_of_ten")))


def test_fortran_and_c_order_are_told_apart_by_their_checksum_and_a_bit_in_either():
    X = np.random.default_rng(1).random((300, 70))
    by_column = np.asfortranarray(X)
    before = gate.checksum((by_column,))
    by_column[299, 0] = np.nextafter(by_column[299, 0], 2.0)
    assert gate.checksum((by_column,)) != before


def test_a_cost_by_sample_is_declared_whatever_the_number_of_features():
    for size in ("1000x2", "1000x100"):
        slow = Implementation("slow", "none", "nowhere:f", ns_per_sample=2.5e6)
        assert Case(BY_NAME["sgd_epoch"], size, slow).too_slow == "about 2.5 s a call"


def test_the_blas_in_the_record_is_numpys_whoever_else_has_brought_one(monkeypatch):
    own = Path(np.__file__).parent.with_name("numpy.libs") / "libscipy_openblas64.so"
    pools = [
        {"user_api": "openmp", "internal_api": "openmp", "version": None, "filepath": "/lib/libgomp.so"},
        {"user_api": "blas", "internal_api": "openblas", "version": "0.3.30", "filepath": "/scipy.libs/openblas.so"},
        {"user_api": "blas", "internal_api": "openblas", "version": "0.3.31", "filepath": str(own)},
    ]
    monkeypatch.setattr("threadpoolctl.threadpool_info", lambda: pools)
    assert environment.describe()["blas"] == "openblas 0.3.31"
    monkeypatch.setattr("threadpoolctl.threadpool_info", lambda: pools[:2])  # another build of NumPy, linked to it
    assert environment.describe()["blas"] == "openblas 0.3.30"
