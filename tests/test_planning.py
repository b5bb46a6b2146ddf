"""What a budget makes of a run: how far the pilot goes, on a clock that stands still between the steps told; and how
long what was tried out is measured.
"""

import dataclasses
from types import SimpleNamespace

import pytest

from lrbench.cli import folder, planning
from lrbench.cli.choice import LONGEST_S, Planned, choose
from lrbench.cli.progress import duration
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


def choice(budget_s, *, leaves_out=True, fills_budget=False, processes_fixed=False):
    return SimpleNamespace(
        jobs=JOBS,
        budget_s=budget_s,
        fills_budget=fills_budget,
        leaves_out=leaves_out,
        baseline=None,
        processes=10,
        processes_fixed=processes_fixed,
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
    ],
)
def test_tables_are_tried_out_as_long_as_they_can_be_measured_too(monkeypatch, capsys, budget_s, tried):
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr("time.monotonic", lambda: clock.now)
    found = planning.pilots_of(Runner(clock), JOBS, 1, choice(budget_s), done=frozenset(), started=100.0)
    assert [pilot.job for pilot in found] == JOBS[:tried]
    limit = f"or as many as can be measured within {duration(budget_s)}."
    assert capsys.readouterr().out == f"Pilot: 5 tables to check and to try out, {limit}\n"


def test_what_an_interrupted_run_measured_leaves_time_for_more_tables(monkeypatch):
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr("time.monotonic", lambda: clock.now)
    limited = choice(5 * (TRIED_OUT_S + MEASURED_S), processes_fixed=True)
    done = frozenset(job.key(process) for job in JOBS for process in range(5))  # half of ten processes
    tried = [len(planning.pilots_of(Runner(clock), JOBS, 1, limited, done=d, started=clock.now)) for d in (set(), done)]
    assert tried == [3, 5]


def test_tables_that_were_named_are_all_tried_out(monkeypatch):
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr("time.monotonic", lambda: clock.now)
    named = choice(1.0, leaves_out=False)
    found = planning.pilots_of(Runner(clock), JOBS, 1, named, done=frozenset(), started=100.0)
    assert [pilot.job for pilot in found] == JOBS


def plan(*, done=frozenset()):
    pilots = [Pilot(job, {"a": 1e-2}, {}, {}, 1.0, frozenset({"a"})) for job in JOBS]
    return planning.plan_of(pilots, choice(1e4), 1, done)


@pytest.mark.parametrize(
    ("share", "fills_budget", "takes"),
    [(2.0, False, 1.0), (2.0, True, 2.0), (0.8, False, 0.8), (0.8, True, 0.8)],
)
def test_a_limit_shortens_a_run_and_a_users_budget_lengthens_it_too(share, fills_budget, takes):
    needed_s = plan().time_s
    found = planning.scaled(plan(), choice(0.0, fills_budget=fills_budget), share * needed_s)
    assert found.time_s == pytest.approx(takes * needed_s, rel=0.05)


@pytest.mark.parametrize(("share", "rounds_of"), [(2.0, 2.0), (0.9, 1.0)])
def test_a_run_that_goes_on_does_not_spend_a_budget_on_its_rest(share, rounds_of):
    wanted = choice(0.0, fills_budget=True, processes_fixed=True)
    done = frozenset(job.key(process) for job in JOBS for process in range(9))
    found = planning.scaled(plan(done=done), wanted, share * plan().time_s)
    before = planning.scaled(plan(), wanted, rounds_of * plan().time_s)
    assert [s.rounds for s in found.schedules] == [s.rounds for s in before.schedules]
    assert found.done == done


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
    ("options", "budget_s", "fills_budget", "leaves_out"),
    [
        ({}, LONGEST_S, False, True),
        ({"implementations": ("cholesky",)}, LONGEST_S, False, True),
        ({"threads": "1", "budget_s": 60.0}, 60.0, True, True),
        ({"problems": ("fit",)}, LONGEST_S, False, False),
        ({"sizes": ("1000x2",), "budget_s": 60.0}, 60.0, True, False),
        ({"quick": True}, LONGEST_S, False, False),
    ],
)
def test_a_whole_run_alone_leaves_tables_out_and_a_budget_that_was_given_alone_is_filled(
    tmp_path, options, budget_s, fills_budget, leaves_out
):
    chosen = choose(tmp_path, planned=None, **OPTIONS | options)
    assert (chosen.budget_s, chosen.fills_budget, chosen.leaves_out) == (budget_s, fills_budget, leaves_out)


@pytest.mark.parametrize("quick", [False, True])
def test_starts_are_found_of_tables_that_an_earlier_run_left_out(tmp_path, quick):
    sizes = ("60x2", "61x2", "62x2")
    options = OPTIONS | {"problems": ("predict",), "sizes": sizes, "threads": "1", "quick": quick}
    planned = Planned(10, {("predict", "60x2", 1): True, ("predict", "61x2", 1): False})
    chosen = choose(tmp_path, planned=planned, **options)
    assert {job.size for job in chosen.starts} == ({"60x2"} if quick else {"60x2", "62x2"})


def test_a_folder_remembers_what_each_of_its_runs_decided(tmp_path):
    first = dataclasses.replace(plan(), schedules=plan().schedules[:2], starts=frozenset(JOBS[:1]))
    folder.remember(tmp_path, first)
    second = dataclasses.replace(plan(), schedules=plan().schedules[1:3], starts=frozenset(JOBS[1:2]), processes=12)
    folder.remember(tmp_path, second)
    starts = {("predict", "1000x2", 1): True, ("predict", "1001x2", 1): True, ("predict", "1002x2", 1): False}
    assert folder.planned(tmp_path) == Planned(12, starts)


def test_a_fresh_run_forgets_the_plan_as_well(tmp_path):
    folder.remember(tmp_path, plan())
    assert folder.planned(tmp_path)
    assert folder.kept(tmp_path, choice(1.0), fresh=False, environment={}) == []
    assert folder.planned(tmp_path)
    assert folder.kept(tmp_path, choice(1.0), fresh=True, environment={}) == []
    assert folder.planned(tmp_path) is None


def test_what_is_left_out_is_told_by_problem_and_size():
    left_out = [*JOBS[3:], Job("predict", "1004x2", 2, ("a",)), Job("fit", "1000x2", 1, ("b",))]
    assert planning.left_out_text(left_out, choice(60.0)) == (
        "4 of 5 tables found no time in 1 min: predict at 1003x2, 1004x2; fit at 1000x2. The same command goes on with "
        "them; a longer --budget measures more at once."
    )
