"""How far a budget lets the pilot go, on a clock that stands still between the steps told."""

from types import SimpleNamespace

import pytest

from lrbench.cli import planning
from lrbench.cli.choice import LONGEST_S, choose
from lrbench.measure import runner
from lrbench.measure.plan import Job, Pilot

JOBS = [Job("predict", f"{n}x2", 1, ("a",)) for n in range(1000, 1005)]
TRIED_OUT_S = 10.0
MEASURED_S = 6 * (1.0 + 3 * 2 * 2e-2)  # six processes: ready in 1 s, three rounds of a and its twin, two calls each


class Runner:
    """Tries out a table in ten seconds."""

    def __init__(self, clock):
        self.clock = clock

    def pilots(self, jobs, _together, has_time):
        for job in jobs:
            if job != jobs[0] and has_time and not has_time():
                return
            self.clock.now += TRIED_OUT_S
            yield Pilot(job, {"a": 1e-2}, {}, {}, 1.0, frozenset({"a"}))


def choice(budget_s, *, leaves_out=True):
    return SimpleNamespace(
        jobs=JOBS,
        budget_s=budget_s,
        leaves_out=leaves_out and bool(budget_s),
        baseline=None,
        processes=10,
        processes_fixed=False,
        sampling_s=0.4,
        seed=0,
        ceiling_processes=(),
        starts=frozenset(),
    )


@pytest.mark.parametrize(
    ("budget_s", "tried"),
    [
        (1.0, 1),
        (3 * (TRIED_OUT_S + MEASURED_S) - 0.01, 2),
        (3 * (TRIED_OUT_S + MEASURED_S) + 0.01, 3),
        (1e4, 5),
        (None, 5),
    ],
)
def test_tables_are_tried_out_as_long_as_they_can_be_measured_too(monkeypatch, capsys, budget_s, tried):
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr("time.monotonic", lambda: clock.now)
    found = planning.pilots_of(Runner(clock), JOBS, 1, choice(budget_s), started=100.0)
    assert [pilot.job for pilot in found] == JOBS[:tried]
    assert ("as far as" in capsys.readouterr().out) is bool(budget_s)


def test_tables_that_were_named_are_all_tried_out(monkeypatch):
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr("time.monotonic", lambda: clock.now)
    found = planning.pilots_of(Runner(clock), JOBS, 1, choice(1.0, leaves_out=False), started=100.0)
    assert [pilot.job for pilot in found] == JOBS


@pytest.mark.parametrize(("batches", "tried"), [(1, 2), (2, 4), (9, 5)])
def test_pilots_end_where_time_does_and_begin_with_what_a_quick_run_measures(monkeypatch, batches, tried):
    answer = {"call_s": {}, "refused": {}, "gate_s": {}, "setup_s": 1.0, "baselines": []}
    monkeypatch.setattr(runner.Runner, "_batch", lambda _, requests: [(request["job"], answer) for request in requests])
    places = [("vector_addition", "10", 1), ("predict", "1000x2", 2), ("vector_addition", "10000", 2)]
    places += [("vector_addition", "10000", 1), ("predict", "1000x2", 1)]
    jobs = [Job(*place, ("numpy_vectorized",)) for place in places]
    left = iter([True] * (batches - 1) + [False])
    found = [pilot.job for pilot in runner.Runner().pilots(jobs, 2, lambda: next(left))]
    assert found == [jobs[k] for k in (4, 3, 1, 2, 0)][:tried]
    assert [pilot.job for pilot in runner.Runner().pilots(jobs, 2)] == [jobs[k] for k in (2, 3, 1, 4, 0)]


NAMES = ["problems", "implementations", "sizes", "threads", "processes", "budget_s", "baseline", "data", "target"]
NAMES += ["one_hot", "drop", "drop_missing", "scheduler", "quick"]
OPTIONS = dict.fromkeys(NAMES, ()) | {"seed": 0}


@pytest.mark.parametrize(
    ("options", "budget_s", "leaves_out"),
    [
        ({}, LONGEST_S, True),
        ({"threads": "1", "budget_s": 60.0}, 60.0, True),
        ({"problems": ("fit",)}, None, False),
        ({"sizes": ("1000x2",), "budget_s": 60.0}, 60.0, False),
        ({"quick": True}, None, False),
    ],
)
def test_a_whole_run_alone_leaves_tables_out_and_has_a_budget_without_being_told(
    tmp_path, options, budget_s, leaves_out
):
    chosen = choose(tmp_path, planned=None, **OPTIONS | options)
    assert (chosen.budget_s, chosen.leaves_out) == (budget_s, leaves_out)


def test_what_is_left_out_is_told_by_problem_and_size():
    left_out = [*JOBS[3:], Job("predict", "1004x2", 2, ("a",)), Job("fit", "1000x2", 1, ("b",))]
    assert planning.left_out_text(left_out, choice(60.0)) == (
        "4 of 5 tables found no time in 1 min. The same command goes on with them, and --budget SECONDS gives more at "
        "once: predict at 1003x2, 1004x2; fit at 1000x2."
    )
