"""Timing side by side, with clocks that tell what the test says."""

import itertools

import pytest

from lrbench.experiments import timing
from lrbench.measure import clock


@pytest.fixture
def said(monkeypatch):
    """Epochs in order; a call of 'slow' takes 2 ms, and of 'quick' 10 us, its third epoch 30."""
    epochs = []
    quick_s = itertools.chain([1e-5, 1e-5, 3e-5], itertools.repeat(1e-5))

    def time_epoch(call, number):
        name = call()
        epochs.append((name, number))
        return number * (2e-3 if name == "slow" else next(quick_s)), 0.0

    monkeypatch.setattr(clock, "time_epoch", time_epoch)
    monkeypatch.setattr(clock, "estimate_call_s", lambda call: 2e-3 if call() == "slow" else 1e-5)
    monkeypatch.setattr(clock, "wait_until_quiet", lambda: None)
    return epochs


CALLS = {"slow": lambda: "slow", "quick": lambda: "quick"}


def test_an_epoch_lasts_a_millisecond_and_every_side_has_as_many(said):
    found = timing.side_by_side(CALLS, seed=0, rounds=4)
    assert sorted(said) == [("quick", 100)] * 4 + [("slow", 1)] * 4
    assert found["slow"] == timing.Times(2e-3, 2e-3, 2e-3)
    assert found["quick"].median_s == pytest.approx(1e-5)
    assert found["quick"].high_s == pytest.approx(1.5e-5)  # of 10, 10, 10 and 30


def test_two_sides_alternate_so_that_drift_falls_on_both(said):
    timing.side_by_side(CALLS, seed=0, rounds=4)
    names = [name for name, _ in said]
    assert names[0:2] == names[3:1:-1]
    assert names[4:6] == names[7:5:-1]


def test_long_sides_have_fewer_rounds_but_three(said):
    timing.side_by_side(CALLS, seed=0, rounds=50, limit_s=0.0155)
    assert len(said) == 2 * 5
    said.clear()
    timing.side_by_side(CALLS, seed=0, rounds=50, limit_s=1e-9)
    assert len(said) == 2 * timing.LEAST_ROUNDS


def test_threads_are_given_back():
    import numba

    before = numba.get_num_threads()
    with timing.one_thread():
        assert numba.get_num_threads() == 1
    assert numba.get_num_threads() == before


def test_middle_halves_that_touch_are_not_apart():
    a, b, c = timing.Times(2.0, 1.0, 3.0), timing.Times(3.5, 3.0, 4.0), timing.Times(6.0, 5.0, 7.0)
    assert not a.apart(b)
    assert a.apart(c)
    assert c.apart(a)
