"""The advice above a report, on literal measurements with the exact text."""

from lrbench.advice import advise
from lrbench.comparisons import make_report
from lrbench.results import Measurement, Side


def remarks(*, epochs_s=(1.0, 1.0, 1.0, 1.0), cpu_s=4.0, paired=True, **environment):
    side = Side("a", "x", "a", number=1, epochs_s=epochs_s, rounds=tuple(range(len(epochs_s))), cpu_s=cpu_s)
    measurements = [Measurement("p", "10", 1, process, (side,), environment, paired=paired) for process in range(2)]
    return advise(make_report(measurements), measurements).remarks


def test_a_quiet_machine_needs_no_advice():
    assert remarks(load_before=0.3, cores=2, clock_resolution_s=1e-9) == ()


def test_other_work_is_named_with_what_to_do():
    assert remarks(load_before=1.4, cores=2) == (
        (
            "The load before the run was 1.4 on 2 cores: other work was running. "
            "Close it and measure again with --fresh; intervals and noise floors are wider for it."
        ),
    )


def test_work_that_came_in_between_is_named():
    assert remarks(load_before=0.1, load_after=2.9, cores=2) == ()  # the run's own
    assert remarks(load_before=0.1, load_after=3.1, cores=2) == (
        (
            "The load rose to 3.1 on 2 cores while the run measured: other work came in between. "
            "Keep the machine to itself and measure again with --fresh."
        ),
    )


def test_a_wide_spread_is_counted_and_the_widest_named():
    (remark,) = remarks(epochs_s=(1.0, 1.0, 1.5, 1.5))
    assert remark.startswith("In 1 of 1 rows the quartiles lie more than 10 % apart (most in a of p at 10: 40 %).")
    assert remark.endswith("their ratios, which are paired, hold. More processes narrow the intervals.")
    _, remark = remarks(epochs_s=(1.0, 1.0, 1.5, 1.5), paired=False)
    assert remark.endswith("Times that were not taken side by side tell no smaller differences than that.")


def test_a_side_that_takes_more_processors_than_allowed_is_named():
    assert remarks(cpu_s=7.6) == (
        (
            "a of p at 10 kept 1.9 processors busy where 1 was allowed: it does not heed the thread settings. "
            "Limit it by affinity."
        ),
    )


def test_a_coarse_clock_is_named():
    (remark,) = remarks(clock_resolution_s=0.01)
    assert remark.startswith("Epochs of a of p at 10 last under 1000 ticks of the clock")


def test_an_environment_of_the_wrong_types_gives_no_advice():
    assert remarks(load_before="much", cores=None, clock_resolution_s=[1]) == ()
