"""Exact answers, data sets and digits: held against certified values, hand-made fractions and known inequalities."""

import dataclasses
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrbench.accuracy import datasets, generated, measuring, processes, theory
from lrbench.accuracy.datasets import BadDataset, Dataset, built_in, thirds
from lrbench.accuracy.rational import as_reference, solve_exactly
from lrbench.problems import least_squares
from lrbench.registry import Implementation, NoReference, worst_relative_error
from lrbench.regression.refined import refined

CERTIFIED = built_in()
SWEEP = generated.sweep()
OWN = {i.name: i for i in least_squares.PROBLEM.implementations}
WHOLE = st.integers(-9, 9)


def named(name):
    return next(dataset for dataset in (*CERTIFIED, *thirds(CERTIFIED), *SWEEP) if dataset.name == name)


def digits(implementation, dataset, reference="exact", n_orders=5):
    found = measuring.rows(OWN[implementation], [measuring.ask(dataset)], n_orders=n_orders)
    return next(row for row in found if row.reference == reference)


# Exact solutions


def test_a_line_through_three_points_by_hand():
    X, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 2.0, 4.0])
    assert solve_exactly(X, y) == (Fraction(3, 2), Fraction(5, 6))
    assert solve_exactly(X, y, intercept=False) == (Fraction(10, 5), Fraction(0))


@settings(deadline=None)
@given(st.lists(st.tuples(WHOLE, WHOLE, WHOLE), min_size=5, max_size=8), st.tuples(WHOLE, WHOLE, WHOLE))
def test_the_exact_residual_is_orthogonal_to_every_column(rows, exponents):
    table = np.array(rows, dtype=np.float64) * 3.0 ** np.array(exponents)  # neither whole nor of one size
    X, y = table[:, :2], table[:, 2]
    try:
        *w, b = solve_exactly(X, y)
    except NoReference:
        assert np.linalg.matrix_rank(np.column_stack([X / np.abs(X).max(axis=0).clip(1e-300), np.ones(len(y))])) < 3
        return
    exact = [[Fraction(value) for value in row] for row in table.tolist()]
    residual = [row[0] * w[0] + row[1] * w[1] + b - row[2] for row in exact]
    assert sum(residual) == 0
    assert [sum(r * row[j] for r, row in zip(residual, exact, strict=True)) for j in (0, 1)] == [0, 0]


def test_columns_of_extreme_sizes_are_solved_exactly():
    X = np.array([[1e-300, 1e300], [2e-300, 5e299], [5e-300, 3e299], [1e-301, 1e300]])
    w = [Fraction(2) ** 996, Fraction(1, 2**996)]
    y = np.array([float(Fraction(a) * w[0] + Fraction(c) * w[1] + 1) for a, c in X.tolist()])
    found = solve_exactly(X, y)
    assert [float(v / u) for v, u in zip(found, [*w, 1], strict=True)] == pytest.approx([1, 1, 1], rel=1e-10)


@pytest.mark.parametrize("X", [np.ones((4, 1)), np.arange(8.0).reshape(4, 2) // 2 * 2, np.zeros((4, 1))])
def test_dependent_columns_have_no_exact_solution(X):
    with pytest.raises(NoReference, match=r"^column [012] is a combination"):
        solve_exactly(X, np.arange(4.0))


@pytest.mark.parametrize("name", ["Norris", "Longley"])
def test_the_certified_values_solve_the_decimal_problem_to_their_fifteen_digits(name):
    dataset = named(name)

    def scaled(array):  # all printed numbers have at most one decimal: ten times them is whole, exactly
        whole = np.round(array * 10.0)
        assert np.array_equal(whole / 10.0, array)
        return whole

    *w, b = solve_exactly(scaled(dataset.X), scaled(dataset.y))
    for found, certified in zip([*w, b / 10], dataset.certified, strict=True):
        assert abs(found / certified - 1) < Fraction(5, 10**15)


@pytest.mark.parametrize("number", [1, 3, 4, 5])
def test_wampler_is_whole_and_so_solved_by_ones(number):
    dataset = named(f"Wampler{number}")
    assert solve_exactly(dataset.X, dataset.y) == (Fraction(1),) * 6 == dataset.certified


def test_wamplers_second_set_is_decimal():
    dataset = named("Wampler2")
    assert [float(v) for v in dataset.certified] == [0.1, 0.01, 0.001, 0.0001, 0.00001, 1.0]
    assert dataset.y[[0, 1, 20]].tolist() == [1.0, 1.11111, 63.0]


# Errors and digits


@pytest.mark.parametrize("name", ["Longley", "Wampler2/3", "1e8, large residual"])
@pytest.mark.parametrize("error", [0.0, 1e-3, 1e-9, 1e-14])
def test_a_coefficient_that_is_off_by_a_known_part_has_the_digits_of_that_part(name, error):
    dataset = named(name)
    reference = as_reference(solve_exactly(dataset.X, dataset.y), dataset.X)
    w, b = reference.answers
    w = w * np.array([1.0, 1.0 + error, *[1.0] * (len(w) - 2)])
    found = worst_relative_error((dataset.X, dataset.y), reference, (w, b))
    assert found == pytest.approx(error, abs=2.3e-16)  # the product is rounded, and the exact answer was


def test_a_coefficient_of_zero_is_measured_in_its_own_columns_unit():
    X, y = np.array([[1.0, 10.0], [-1.0, 10.0], [1.0, -10.0], [-1.0, -10.0]]), np.array([3.0, -3.0, 3.0, -3.0])
    reference = as_reference(solve_exactly(X, y), X)
    assert reference.answers[0].tolist() == [3.0, 0.0]
    assert reference.scales[0].tolist() == [3.0, 3.0 * 2.0 / 20.0]
    assert float(reference.scales[1]) == 3.0 * 2.0 / 2.0


# Generated data


@pytest.mark.parametrize("dataset", SWEEP, ids=lambda d: d.name)
def test_generated_data_have_the_equilibrated_condition_number_asked_for(dataset):
    A = np.column_stack([dataset.X, np.ones(len(dataset.y))])
    singular = np.linalg.svd(A / np.linalg.norm(A, axis=0), compute_uv=False)
    # Rounding moves each singular value by about u times the largest, which is below 3.
    relative = 1e-12 + 30 * 2.0**-53 * dataset.nominal_condition_number
    assert singular[0] / singular[-1] == pytest.approx(dataset.nominal_condition_number, rel=relative)
    assert theory.condition_number(dataset) == pytest.approx(singular[0] / singular[-1], rel=relative)


@pytest.mark.parametrize("dataset", SWEEP, ids=lambda d: d.name)
def test_generated_residuals_are_small_or_as_large_as_the_fit(dataset):
    *w, b = map(float, solve_exactly(dataset.X, dataset.y))
    fit = dataset.X @ w + b
    tangent = np.linalg.norm(dataset.y - fit) / np.linalg.norm(fit)
    if dataset.group == generated.LARGE:
        # Even at 1e14: a fit to noise that is not orthogonal to the rounded columns would dwarf the coefficients.
        assert tangent == pytest.approx(1.0, rel=1e-2)
        assert np.abs([*w, b]).max() < 3.0
    else:
        assert tangent < 1e-15 * math.sqrt(len(fit))


def test_the_sweep_is_the_same_for_a_seed_and_another_for_another():
    again, other = generated.sweep(), generated.sweep(seed=1)
    assert all(np.array_equal(a.X, c.X) and np.array_equal(a.y, c.y) for a, c in zip(SWEEP, again, strict=True))
    assert not np.array_equal(SWEEP[3].X, other[3].X)


# Digits of real implementations


def test_the_textbooks_inverse_loses_two_digits_against_qr():
    assert digits("inverse", named("Wampler1")).digits_median < digits("qr", named("Wampler1")).digits_median - 2


def test_normal_equations_lose_digits_twice_as_fast_as_qr_while_the_residual_is_small():
    lost = {
        name: digits(name, named("1e0, small residual")).digits_median
        - digits(name, named("1e6, small residual")).digits_median
        for name in ("solve", "qr")
    }
    assert lost["solve"] > 1.5 * lost["qr"] > 4


def test_a_large_residual_brings_qr_down_to_the_normal_equations():
    small, large = (digits("qr", named(f"1e6, {size} residual")).digits_median for size in ("small", "large"))
    assert large < small - 3


@pytest.mark.parametrize("name", [name for name, i in OWN.items() if i.target.startswith("lrbench.regression.closed")])
@pytest.mark.parametrize("dataset", ["Norris", "Longley/3", "1e0, small residual", "1e6, large residual"])
def test_theory_is_a_cautious_figure(name, dataset):
    row = digits(name, named(dataset))
    # The constants, which are left out, cost up to a digit; errors that cancel, and an SVD's of columns in different
    # units, gain some.
    assert row.digits_expected - 1.0 < row.digits_median < row.digits_expected + (7.0 if name == "svd" else 4.0)


def test_every_method_has_a_bound():
    assert set(theory.METHODS.values()) <= measuring.ask(named("Norris")).expected.keys()


def test_both_references_judge_the_same_answer():
    rows = list(measuring.rows(OWN["qr"], [measuring.ask(named("Longley"))], n_orders=3))
    assert [row.reference for row in rows] == ["certified", "exact"]
    assert rows[0].digits_median == pytest.approx(rows[1].digits_median, abs=0.3)


def test_the_orders_begin_with_the_given_one_and_differ():
    dataset = named("Norris")
    found = list(measuring._orders(dataset, 4, seed=0))  # noqa: SLF001  (what a seed promises)
    assert np.array_equal(found[0].X, dataset.X)
    assert len({order.y.tobytes() for order in found}) == 4
    for order in found:
        assert sorted(zip(order.X[:, 0], order.y, strict=True)) == sorted(zip(dataset.X[:, 0], dataset.y, strict=True))


# Models without an intercept


def through_the_origin():
    return Dataset(
        "NoInt", datasets.CERTIFIED, np.arange(60.0, 71.0)[:, None], np.arange(130.0, 141.0), intercept=False
    )


def test_a_model_without_intercept_is_solved_without():
    row = digits("qr", through_the_origin())
    assert row.status == "ok"
    assert row.digits_worst > 14


def test_an_implementation_that_knows_no_intercept_argument_is_not_run_without():
    row = next(measuring.rows(broken("slightly_off"), [measuring.ask(through_the_origin())], n_orders=2))
    assert (row.status, row.reason) == ("not run", "takes no intercept=False")


# What goes wrong is a row


def broken(name):
    return Implementation(name, name, f"broken:{name}")


def rows_of(name, **options):
    questions = [measuring.ask(d) for d in (named("Norris"), through_the_origin())]
    return list(processes.measure([broken(name)], questions[:1], n_orders=4, **options))


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("raises", "failed", "raised RuntimeError: no such thing"),
        ("not_finite", "wrong answer", "non-finite value nan at [0]"),
        ("no_intercept", "wrong answer", "returned 1 values where 2 are expected"),
        ("aborts", "failed", "its process ended with signal 6"),
        ("exits", "failed", "its process ended with exit code 3"),
    ],
)
def test_a_failure_is_a_row_with_its_reason(name, status, reason):
    row = rows_of(name)[0]
    assert (row.status, row.reason, row.digits_median, row.digits_worst) == (status, reason, None, None)


def test_a_hang_is_ended():
    rows = rows_of("hangs", limit_s=6.0)
    assert (rows[0].status, rows[0].reason) == ("failed", "no answer within 6 s")


def test_rows_after_a_crash_say_why_they_were_not_run():
    first, second = rows_of("aborts")
    assert (second.status, second.reason) == ("not run", "on Norris: its process ended with signal 6")
    assert (first.reference, second.reference) == ("certified", "exact")


def test_one_failure_among_the_orders_is_counted_and_has_no_digits():
    row = next(measuring.rows(broken("raises_unless_first_is_smallest"), [measuring.ask(named("Norris"))], n_orders=4))
    assert row.status == "failed"
    assert row.reason == "in 3 of 4 row orders: raised ValueError: unsorted"
    assert row.digits_worst == 0.0
    assert row.digits_median == 0.0


def test_a_solution_that_is_slightly_off_has_few_digits_and_is_no_failure():
    row = rows_of("slightly_off")[0]
    assert row.status == "ok"
    assert row.digits_median == pytest.approx(6.0, abs=0.01)


def test_what_is_not_installed_is_skipped_with_its_reason():
    absent = dataclasses.replace(OWN["qr"], requires=("no_such_package",), extra="peers")
    row = next(processes.measure([absent], [measuring.ask(named("Norris"))]))
    assert (row.status, row.reason) == ("skipped", "needs no_such_package: pip install 'lrbench[peers]'")


def test_a_process_of_its_own_answers_as_this_one_does():
    questions = [measuring.ask(named(name)) for name in ("Longley", "1e4, small residual")]
    apart = list(processes.measure([OWN["qr"]], questions, n_orders=3))
    assert apart == list(measuring.rows(OWN["qr"], questions, n_orders=3))


def test_a_data_set_without_a_solution_is_refused():
    with pytest.raises(BadDataset, match=r"^flat: column 1 is a combination of those before it.* Take it out\.$"):
        measuring.ask(Dataset("flat", datasets.CERTIFIED, np.ones((5, 1)), np.arange(5.0)))


@pytest.mark.parametrize("dataset", [d for d in SWEEP if d.nominal_condition_number <= 1e12], ids=lambda d: d.name)
def test_refined_keeps_every_digit_whatever_the_residual_and_the_order_of_rows(dataset):
    exact = np.array([float(value) for value in solve_exactly(dataset.X, dataset.y)])
    chance = np.random.default_rng(5)
    for _ in range(6):
        order = chance.permutation(len(dataset.y))
        w, b = refined(dataset.X[order], dataset.y[order])
        assert np.abs(np.append(w, b) - exact).max() <= 2.0**-51 * np.abs(exact).min()
