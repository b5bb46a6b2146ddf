"""The plan: inner counts, rounds, slow sides and the budget, on literal pilots; no time passes here."""

import dataclasses
import itertools
import random

import pytest

from lrbench.measure import clock
from lrbench.measure.plan import (
    CEILINGS_S,
    COMPILE_S,
    LEAST_SAMPLING_S,
    MAX_ROUNDS,
    MIN_PROCESSES,
    MOST_WAITING,
    START_S,
    STARTS_SHARE,
    Job,
    Pilot,
    Plan,
    fit_to_budget,
    least_budget_s,
    schedule,
)
from lrbench.results import STARTS

JOB = Job("predict", "1000x2", 1, ("a", "b", "c"))


def pilot(calls, *, baselines=("a",), setup_s=1.0):
    return Pilot(JOB, calls, {}, {"b": 0.25}, setup_s, frozenset(baselines))


def test_every_epoch_lasts_a_millisecond_and_neighbours_share_one_count():
    numbers = schedule(pilot({"a": 1e-5, "b": 3.9e-5, "c": 4.1e-5}), sampling_s=0.4).numbers
    assert numbers == {"a": 100, "b": 100, "c": 25}


def test_a_long_call_is_an_epoch_by_itself():
    assert schedule(pilot({"a": 0.02}), sampling_s=0.4).numbers == {"a": 1}


@pytest.mark.parametrize(
    ("calls", "few"),
    [
        ({"a": 1e-5, "b": 1.9e-4}, set()),
        ({"a": 1e-5, "b": 2.1e-4}, {"b"}),  # more than 20 times slower than the fastest
        ({"a": 2.1e-4, "b": 1e-5}, set()),  # the baseline is compared with, so it is timed in full
        ({"a": 1.1, "b": 0.5}, {"a"}),  # above a second
    ],
)
def test_a_slow_side_gets_few_samples(calls, few):
    assert schedule(pilot(calls), sampling_s=0.4).few == few


def test_a_call_longer_than_the_limit_is_not_run():
    found = schedule(pilot({"a": 0.1, "b": 3.2}), sampling_s=0.4)
    assert found.refused == {"b": ("not run", "about 3.2 s a call")}
    assert set(found.numbers) == {"a"}


def test_rounds_fill_the_sampling_time():
    found = schedule(pilot({"a": 1e-3, "b": 1e-3}), sampling_s=0.4)
    assert found.twins == ("a",)
    assert found.round_s == pytest.approx(6e-3)  # each side and each twin: one call untimed, one timed
    assert found.rounds == 66
    assert schedule(pilot({"a": 1e-3, "b": 1e-3}), sampling_s=4.0).rounds == MAX_ROUNDS  # twice as many would fit
    assert schedule(pilot({"a": 1e-2, "b": 1e-2}), sampling_s=0.6).rounds == 10
    assert schedule(pilot({"a": 0.9}), sampling_s=0.4).rounds == 3


def test_the_fastest_side_and_the_baseline_are_timed_against_themselves():
    assert schedule(pilot({"a": 4e-3, "b": 1e-3, "c": 2e-3}), sampling_s=0.4).twins == ("b", "a")


def plan(*, processes=10, rounds_s=0.6, setup_s=1.0):
    return Plan((schedule(pilot({"a": 1e-2, "b": 1e-2}, setup_s=setup_s), sampling_s=rounds_s),), processes, 1)


def test_the_time_of_a_plan_is_that_of_its_parts():
    assert plan().time_s == pytest.approx(10 * (1.0 + 10 * 6e-2))


@pytest.mark.parametrize("budget_s", [15.0, 20.0, 40.0])
def test_a_budget_is_kept_by_more_or_fewer_rounds(budget_s):
    fitted = fit_to_budget(plan(), budget_s)
    assert fitted.processes == 10
    assert fitted.time_s == pytest.approx(budget_s, rel=0.05)


def test_a_small_budget_costs_processes_but_never_below_the_least():
    assert fit_to_budget(plan(), 9.0).processes == 7
    assert fit_to_budget(plan(), 1.0).processes == MIN_PROCESSES


def test_a_large_budget_brings_more_processes():
    fitted = fit_to_budget(plan(), 400.0)
    assert fitted.processes == 21
    assert fitted.time_s == pytest.approx(400.0, rel=0.05)


@pytest.mark.parametrize(("fixed", "processes"), [(False, MIN_PROCESSES), (True, 10)])
def test_the_least_time_is_the_shortest_budget_that_is_kept(fixed, processes):
    least_s = least_budget_s(plan(), processes_fixed=fixed)
    assert least_s == pytest.approx(processes * (1.0 + 3 * 6e-2))  # three rounds, which take longer than the least
    assert LEAST_SAMPLING_S < 3 * 6e-2
    assert fit_to_budget(plan(), 1.01 * least_s, processes_fixed=fixed).time_s <= 1.01 * least_s


def test_the_least_time_leaves_its_share_to_starts():
    found = plan_with_starts(2)
    without = least_budget_s(dataclasses.replace(found, starts=frozenset()))
    assert least_budget_s(found) == pytest.approx(without / (1.0 - STARTS_SHARE))


def test_processes_that_the_user_asked_for_stay():
    assert [fit_to_budget(plan(), s, processes_fixed=True).processes for s in (1.0, 100.0)] == [10, 10]


def test_a_short_budget_takes_from_all_tables_alike():
    jobs = {Job("predict", "1000x2", 1, ("a",)): 1e-3, Job("predict", "9000x9", 1, ("a",)): 0.5}
    schedules = tuple(schedule(Pilot(job, {"a": s}, {}, {}, 0.1), sampling_s=0.4) for job, s in jobs.items())
    fitted = fit_to_budget(Plan(schedules, 10, 1), 33.0)
    cheap, costly = (s.rounds for s in fitted.schedules)
    assert costly == 3
    assert 15 < cheap < 30  # a tenth of a second, as the costly one would get if that were a round


def test_waiting_for_quiet_lengthens_a_table_but_not_without_end():
    threads_2 = Job("predict", "1000x2", 2, ("a",))
    found = schedule(Pilot(threads_2, {"a": 1e-3}, {}, {}, 0.1), sampling_s=0.1)
    alone = schedule(pilot({"a": 1e-3}), sampling_s=0.1)
    assert found.round_s > 3 * alone.round_s
    assert alone.rounds / 4 < found.rounds < alone.rounds
    assert found.rounds * found.round_s <= MOST_WAITING * 0.1


def plan_with_starts(count):
    jobs = [Job("predict", f"{n}x2", 1, ("a",)) for n in range(1000, 1000 + count)]
    pilots = [Pilot(job, {"a": 1e-3}, {}, {}, 0.1, compiled=frozenset({"a"})) for job in jobs]
    schedules = tuple(schedule(found, sampling_s=0.1) for found in pilots)
    return Plan(schedules, 10, 1, starts=frozenset(jobs))


def test_finding_what_beginning_costs_is_part_of_the_plan():
    found = plan_with_starts(3)
    one_s = 3 * 0.1 + START_S + COMPILE_S + 3e-3
    assert found.starts_s == pytest.approx(3 * one_s)
    assert found.time_s == pytest.approx(dataclasses.replace(found, starts=frozenset()).time_s + 3 * one_s)


def test_ceilings_are_part_of_the_plan_of_every_table():
    without = dataclasses.replace(plan_with_starts(4), side_by_side=2)
    found = dataclasses.replace(without, ceiling_processes=(0, 3))
    assert found.time_s == pytest.approx(without.time_s + 4 * 2 * CEILINGS_S)


@pytest.mark.parametrize(("budget_s", "sizes"), [(200.0, 8), (30.0, 1), (10.0, 0)])
def test_a_run_short_of_time_finds_starts_at_first_sizes_only_or_not_at_all(budget_s, sizes):
    fitted = fit_to_budget(plan_with_starts(8), budget_s)
    assert len(fitted.starts) == sizes
    if sizes == 1:
        assert {job.size for job in fitted.starts} == {"1000x2"}


def test_a_run_short_of_time_finds_starts_of_the_problems_where_they_are_found_soonest():
    jobs = [Job(problem, "1000x2", 1, ("a",)) for problem in ("fit", "predict", "gradient")]
    pilots = [Pilot(job, {"a": 1e-3}, {}, {}, setup_s) for job, setup_s in zip(jobs, (9.0, 0.1, 0.2), strict=True)]
    found = Plan(tuple(schedule(pilot, sampling_s=0.1) for pilot in pilots), 10, 1, starts=frozenset(jobs))
    for sides in range(3):
        of = sorted(s.start_s for s in found.schedules)[: sides + 1]
        assert fit_to_budget(found, 4.0 * sum(of[:sides]) + 0.01).starts == set(jobs[1 : sides + 1])


def test_starts_are_found_where_that_is_quickest_in_whatever_order_tables_were_tried_out():
    places = [("9000x2", 1, 9.0), ("2000x2", 2, 0.1), ("3000x2", 1, 0.3), ("2000x2", 1, 0.2)]
    jobs = [Job("predict", size, threads, ("a",)) for size, threads, _ in places]
    pilots = [Pilot(job, {"a": 1e-3}, {}, {}, setup_s) for job, (_, _, setup_s) in zip(jobs, places, strict=True)]
    found = Plan(tuple(schedule(pilot, sampling_s=0.1) for pilot in pilots), 10, 1, starts=frozenset(jobs))
    assert fit_to_budget(found, 20.0).starts == {jobs[3]}  # threads matter little to a start: one is enough


def test_what_is_done_takes_no_time_and_is_not_measured_again():
    whole = dataclasses.replace(plan_with_starts(4), ceiling_processes=(0, 3))
    first, *others = (s.job for s in whole.schedules)
    done = frozenset(first.key(process) for process in (STARTS, *range(whole.processes)))
    found = dataclasses.replace(whole, done=done)
    assert found.time_s == pytest.approx(3 / 4 * whole.time_s)
    assert least_budget_s(found) == pytest.approx(3 / 4 * least_budget_s(whole))
    begun = dataclasses.replace(whole, done=frozenset(s.job.key(STARTS) for s in whole.schedules))
    assert least_budget_s(begun) == pytest.approx((1.0 - STARTS_SHARE) * least_budget_s(whole))
    assert [s.job for s in found.missing_starts] == others
    for process in range(whole.processes):
        assert {s.job for group in found.batches(process) for s in group} == set(others)


def test_a_budget_is_for_what_is_missing():
    whole = dataclasses.replace(plan_with_starts(4), starts=frozenset())
    half = frozenset(s.job.key(process) for s in whole.schedules for process in range(5))
    rest = dataclasses.replace(whole, done=half)
    assert rest.time_s == pytest.approx(0.5 * whole.time_s)
    fitted = [fit_to_budget(one, 0.95 * whole.time_s, processes_fixed=True) for one in (whole, rest)]
    assert [one.time_s for one in fitted] == pytest.approx([0.95 * whole.time_s] * 2, rel=0.05)
    assert fitted[0].schedules[0].rounds < whole.schedules[0].rounds < fitted[1].schedules[0].rounds


def test_starts_that_are_found_already_stay_in_the_plan_of_a_run_without_time():
    whole = plan_with_starts(4)
    found = dataclasses.replace(whole, done=frozenset({whole.schedules[2].job.key(STARTS)}))
    assert fit_to_budget(found, 1.0).starts == {whole.schedules[2].job}


@pytest.mark.parametrize("status", ["wrong answer", "not run"])
def test_later_processes_do_not_get_sides_ready_that_the_gate_refused(status):
    found = schedule(dataclasses.replace(pilot({"a": 1e-2}), refused={"b": (status, "")}), sampling_s=0.4)
    assert found.setup_s == 0.75


def test_later_processes_do_not_get_sides_ready_that_are_too_slow_to_time():
    found = schedule(pilot({"a": 1e-2, "b": 3.0}), sampling_s=0.4)
    assert found.refused["b"][0] == "not run"
    assert found.setup_s == 0.75


def test_slow_sides_take_part_in_three_processes():
    found = Plan((schedule(pilot({"a": 1e-5, "b": 2.1e-4}), sampling_s=0.4),), 10, 1)
    assert found.few_processes == (0, 5, 9)
    (one,) = found.schedules
    assert one.few_setup_s == 0.25
    assert one.process_s(with_few=True)[0] - one.process_s(with_few=False)[0] == pytest.approx(0.25)


def test_groups_get_ready_together_in_another_order_each_time():
    jobs = [Job("predict", f"{n}x2", 1, ("a",)) for n in range(1000, 1008)]
    schedules = tuple(schedule(Pilot(job, {"a": 1e-4}, {}, {}, 1.0), sampling_s=0.1) for job in jobs)
    groups = [Plan(schedules, 6, 2).batches(process) for process in range(6)]
    assert all(sorted(s.job.size for group in one for s in group) == [j.size for j in jobs] for one in groups)
    assert len({tuple(group[0].job.size for group in one) for one in groups}) > 1


def chance():
    return random.Random(1)


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_rounds_are_balanced(count):
    orders = list(itertools.islice(clock.balanced_orders(count, chance()), 2 * count))
    assert all(sorted(order) == list(range(count)) for order in orders)
    for position in range(count):
        assert sorted(order[position] for order in orders) == sorted(list(range(count)) * 2)


def test_two_sides_alternate_as_abba():
    first, second, third, fourth = itertools.islice(clock.balanced_orders(2, chance()), 4)
    assert second == first[::-1]
    assert fourth == third[::-1]


def test_an_epoch_makes_exactly_its_calls():
    calls = []
    wall, cpu = clock.time_epoch(lambda: calls.append(1), 17)
    assert len(calls) == 17
    assert wall >= 0.0
    assert cpu >= 0.0
