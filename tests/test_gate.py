"""The gate lets every registered implementation through and refuses every broken one, saying why."""

from dataclasses import replace

import broken
import numpy as np
import pytest

from lrbench import cache, gate
from lrbench.problems import PROBLEMS
from lrbench.registry import Case, Implementation

BY_NAME = {problem.name: problem for problem in PROBLEMS}
LEAST_ABSOLUTE = "least_absolute_deviations"
WITH_OUTPUT = "lrbench.vector_addition.numpy_vectorized:with_output"


@pytest.fixture(autouse=True)
def _forget():
    broken.remembered.clear()
    gate.last_question.cache_clear()


def prepare(problem_name, function, *, algorithm="", convert=""):
    problem = BY_NAME[problem_name]
    algorithm = algorithm or problem.implementations[0].algorithm
    implementation = Implementation(function, algorithm, f"broken:{function}", convert=convert)
    return gate.prepare(Case(problem, problem.quick_size, implementation))


@pytest.mark.parametrize(
    ("problem", "function", "reason"),
    [
        ("vector_addition", "off_by_one", r"relative error .* above the tolerance"),
        ("predict", "float32_inside", r"relative error .* above the tolerance"),
        ("predict", "float32_outside", r"wrong dtype float32 where float64"),
        ("predict", "wrong_shape", r"wrong shape \(1000, 1\) where \(1000,\)"),
        ("predict", "too_many_values", r"returned 2 values where 1 are expected"),
        ("predict", "not_a_number", r"non-finite value nan at \[7\]"),
        ("vector_addition", "mutated_input", r"changed its inputs"),
        ("gradient", "mutated_and_restored_badly", r"changed its inputs"),
        ("gradient", "sorted_input", r"changed its inputs"),
        ("vector_addition", "depends_on_last_call", r"with mirrored inputs: relative error"),
        ("squared_loss", "ignores_n", r"relative error .* above the tolerance"),
        ("gradient", "ignores_the_last_samples", r"relative error .* above the tolerance"),
        ("vector_addition", "returns_its_input", r"relative error .* above the tolerance"),
        ("gradient", "wrong_sign_in_b", r"relative error .* above the tolerance"),
        ("vector_addition", "stale_buffer", r"with mirrored inputs: relative error"),
        ("least_squares", "stale_by_identity", r"with mirrored inputs: relative error"),
        ("vector_addition", "raises", r"raised RuntimeError: no such thing"),
        ("vector_addition", "returns_nothing", r"wrong shape \(\) where \(10000,\)"),
        ("sgd_epoch", "wrong_sample_order", r"differ first after mini-batch 2\."),
        ("sgd_epoch", "forgets_the_intercept_in_the_residual", r"differ first after mini-batch 1\."),
        ("sgd_epoch", "skips_the_first_batch", r"differ first after mini-batch 1\."),
        ("sgd_epoch", "swaps_two_late_batches", r"differ first after mini-batch 32\."),
    ],
)
def test_every_broken_implementation_is_refused_with_its_reason(problem, function, reason):
    with pytest.raises(gate.WrongAnswer, match=rf"^{problem}/\w+/{function}: .*{reason}"):
        prepare(problem, function)


@pytest.mark.parametrize(
    ("problem", "function", "algorithm", "reason"),
    [
        ("fit", "steepest_in_place_of_conjugate", "conjugate gradients", r"differ first after iteration 2\."),
        ("fit", "forgets_the_decay", "decaying-rate SGD", r"differ first after epoch 2\."),
        (LEAST_ABSOLUTE, "squares_in_place_of_signs", "constant-rate subgradient SGD", r"differ first after epoch 1\."),
        (LEAST_ABSOLUTE, "least_squares_in_place_of_absolute", "vertex descent", r"relative error .* above the tol"),
    ],
)
def test_an_implementation_of_another_algorithm_than_it_claims_is_refused(problem, function, algorithm, reason):
    with pytest.raises(gate.WrongAnswer, match=rf"^{problem}/\w+/{function}: .*{reason}"):
        prepare(problem, function, algorithm=algorithm)


def test_an_output_that_is_never_written_is_refused():
    with pytest.raises(gate.WrongAnswer, match="non-finite value nan"):
        prepare("vector_addition", "unwritten_output", convert=WITH_OUTPUT)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
def test_the_mirror_image_is_exact_and_leaves_no_trace(problem):
    question = gate.ask(problem, problem.quick_size)
    mirrored = gate.scaled(question.inputs, problem.mirror_inputs)
    answers = problem.reference(mirrored).answers
    gate.undo_scaling(question.inputs, problem.mirror_inputs)
    assert gate.checksum(question.inputs) == question.checksum
    for mirror, answer, factor in zip(answers, question.reference.answers, problem.mirror_answers, strict=True):
        assert np.array_equal(mirror, answer * factor)


@pytest.mark.parametrize("position", [0, 1, 4095, 4096, 12287, 12288, 12999])
def test_a_change_of_one_bit_anywhere_changes_the_checksum(position):
    values = np.random.default_rng(1).random(13_000)
    before = gate.checksum((values, 3))
    values[position] = np.nextafter(values[position], 2.0)
    assert gate.checksum((values, 3)) != before


def test_a_permutation_changes_the_checksum():
    values = np.random.default_rng(1).random(13_000)
    assert gate.checksum((values,)) != gate.checksum((values[::-1].copy(),))
    assert gate.checksum((values,)) != gate.checksum((values.reshape(-1, 10),))


@pytest.mark.parametrize(("error", "digits"), [(0.0, 16.0), (1e-20, 16.0), (1e-7, 7.0), (3.0, 0.0)])
def test_digits_are_capped_at_both_ends(error, digits):
    assert gate.digits(error) == pytest.approx(digits)


def test_a_missing_package_is_a_reason_and_not_a_failure():
    problem = BY_NAME["predict"]
    absent = Implementation("absent", "prediction", "nowhere:f", requires=("no_such_package",), extra="peers")
    with pytest.raises(gate.Unavailable, match=r"needs no_such_package: pip install 'lrbench\[peers\]'"):
        gate.prepare(Case(problem, "1000x2", absent))


def test_data_without_a_unique_answer_are_a_reason_and_not_a_failure():
    X = np.random.default_rng(1).standard_normal((50, 2))
    X = np.column_stack([X, X[:, 0] + X[:, 1]])
    with pytest.raises(gate.Unavailable, match="combinations of others"):
        gate.ask(BY_NAME["least_squares"], "50x3", data=lambda: (X, X[:, 0].copy()))


def test_an_unwritable_cache_costs_time_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.delenv("LRBENCH_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert cache.folder("references", sources="problems/*.py").is_relative_to(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", "/proc/nowhere")
    with pytest.raises(cache.CacheUnwritableError, match="Set LRBENCH_CACHE to a folder that can"):
        cache.folder("references", sources="problems/*.py")


def test_a_refused_implementation_leaves_the_inputs_as_they_were():
    problem = BY_NAME["vector_addition"]
    question = gate.ask(problem, "10000")
    with pytest.raises(gate.WrongAnswer, match="changed its inputs"):
        gate.prepare(Case(problem, "10000", Implementation("m", "addition", "broken:mutated_input")), question)
    assert gate.prepare(Case(problem, "10000", problem.implementation("numpy_vectorized")), question).digits > 15


def test_what_these_data_make_too_slow_is_told_before_the_first_call():
    problem = BY_NAME["fit"]
    slow = replace(problem.implementation("gradient_descent_python"), ns_per_flop=1e6)
    with pytest.raises(gate.TooSlow, match=r"about .* s a call"):
        gate.prepare(Case(problem, "1000x2", slow))


def test_a_damaged_reference_in_the_cache_is_made_anew(tmp_path, monkeypatch):
    monkeypatch.setenv("LRBENCH_CACHE", str(tmp_path))
    first = gate.ask(BY_NAME["predict"], "1000x2").reference
    (stored,) = (tmp_path / "references").rglob("*.npz")
    stored.write_bytes(stored.read_bytes()[:100])
    again = gate.ask(BY_NAME["predict"], "1000x2").reference
    assert np.array_equal(first.answers[0], again.answers[0])


class Tensor:
    """An array of another library whose way into NumPy is of before NumPy 2, as PyTorch's is."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None):
        return self.array


def added_as_a_tensor(a, b):
    return Tensor(a + b)


def test_another_librarys_array_is_an_answer_without_a_warning():
    tensors = Implementation("tensors", "addition", "test_gate:added_as_a_tensor")
    assert gate.prepare(Case(BY_NAME["vector_addition"], "10", tensors)).digits > 15


def test_arrays_stay_as_they_are_where_another_input_cannot_be_scaled():
    class Full:
        def __mul__(self, factor):
            message = "the disk is full"
            raise OSError(message)

    vector = np.ones(3)
    with pytest.raises(OSError, match="the disk is full"):
        gate.scaled((vector, Full()), (-2.0, 4.0))
    assert vector.tolist() == [1.0] * 3
    scaled = gate.scaled((vector, 3.0), (-2.0, 4.0))
    assert scaled[0] is vector
    assert scaled[1] == 12.0
    assert vector.tolist() == [-2.0] * 3
