"""What the page says of a table in a sentence, on literal samples."""

import pytest
from gradient_tables import FAST, PLAIN, WORK, measured, side, table_of

from lrbench.comparisons import make_report
from lrbench.report import leaders, marks
from lrbench.results import Side


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        (
            (PLAIN, FAST),
            (
                "fast is 4.00 [4.00, 4.00] times as fast as plain, with 13.0 digits against 15.0. "
                "It reaches 240 % of what memory bandwidth allows here."
            ),
        ),
        (
            (PLAIN, side("other", 1e-6, algorithm="fft")),
            (
                "other is 4.00 [4.00, 4.00] times as fast as plain, by another algorithm. "
                "It reaches 240 % of what memory bandwidth allows here."
            ),
        ),
        (
            (PLAIN, side("slow", 9e-6)),
            (
                "plain, the baseline, is the fastest: 4.00 us, with 15.0 digits. "
                "It reaches 60 % of what memory bandwidth allows here."
            ),
        ),
        (
            (PLAIN, FAST, side("same", 1e-6)),
            (
                "fast is 4.00 [4.00, 4.00] times as fast as plain, with 13.0 digits against 15.0; not told apart from "
                "same. It reaches 240 % of what memory bandwidth allows here."
            ),
        ),
        (
            (PLAIN, FAST, side("slow", 2e-4)),
            (
                "fast is 4.00 [4.00, 4.00] times as fast as plain, with 13.0 digits against 15.0; told apart from all "
                "others. It reaches 240 % of what memory bandwidth allows here. The slowest, slow, takes 200 times as "
                "long."
            ),
        ),
        (
            (PLAIN, FAST, side("exact", 2e-6, digits=15.9), side("slow", 2e-4)),
            (
                "fast is 4.00 [4.00, 4.00] times as fast as plain, with 13.0 digits against 15.0; told apart from all "
                "others. It reaches 240 % of what memory bandwidth allows here. The most exact, exact, has 15.9 digits "
                "and takes 2.00 times as long. The slowest, slow, takes 200 times as long."
            ),
        ),
        ((Side("a", "sum", "plain", status="failed", reason="killed"),), "No implementation has a time."),
    ],
)
def test_a_table_in_a_sentence(sides, expected):
    assert leaders.sentence(table_of(*sides, **WORK)) == expected


def test_what_was_not_paired_is_not_said_to_be_told_apart():
    table = table_of(PLAIN, FAST, paired=False, source="asv")
    assert (
        leaders.sentence(table)
        == "fast has the lowest median, 1.00 us, with 13.0 digits; nothing was timed side by side."
    )


def test_what_was_not_paired_is_told_apart_from_nothing():
    table = table_of(PLAIN, FAST, side("slow", 1e-3), paired=False, source="asv")
    assert leaders.sentence(table) == (
        "fast has the lowest median, 1.00 us, with 13.0 digits; nothing was timed side by side. The slowest, slow, "
        "takes about 1000 times as long."
    )


def test_a_table_without_its_baseline_says_so():
    assert leaders.sentence(table_of(FAST, side("other", 2e-6))) == (
        "fast has the lowest median, 1.00 us, with 13.0 digits; no speedups, since their baseline, plain, is not here."
    )


def test_the_middle_half_lies_above_the_shortest_time():
    # A long tail makes the quartiles' distance larger than what lies below the median.
    epochs = (1.5e-6, 1.5e-6, 1.6e-6, 7e-6, 7e-6)
    slow = Side("slow", "sum", "absent", number=1, epochs_s=epochs, rounds=tuple(range(5)))
    table = table_of(side("fast", 1e-6, n_epochs=5), slow)
    row = next(row for row in table.rows if row.implementation == "slow")
    low, high = marks.middle_half(row)
    assert row.median_s - row.iqr_s / 2 < 0 < row.min_s == low
    assert high == low + row.iqr_s
    assert marks.middle_half(table.rows[0]) == (1e-6, 1e-6)
    assert leaders.leader(table).tied == ()


def test_an_equal_one_is_not_told_apart_and_says_no_difference():
    assert leaders.sentence(table_of(side("a", 1e-6), side("plain", 1e-6))) == (
        "a is 1.000 [1.000, 1.000] times as fast as plain (no difference resolved)."
    )


def test_the_only_one_with_a_time_is_compared_with_nothing():
    assert leaders.sentence(table_of(FAST, Side("plain", "sum", "plain", status="not run"))) == (
        "fast is the only one with a time, 1.00 us, with 13.0 digits."
    )


def test_few_samples_are_said_to_be_few():
    table = table_of(side("plain", 4e-6, few_samples=True), side("fast", 1e-6))
    assert leaders.sentence(table) == "fast is ≈ 4.00 times as fast as plain (few samples: no verdict)."


def few(name, time_s):
    return side(name, time_s, few_samples=True)


@pytest.mark.parametrize(
    ("sides", "said"),
    [
        (
            (PLAIN, FAST, few("slow", 2e-4)),
            "; told apart from all others but those of too few samples: slow. The slowest, slow, takes about 200 times",
        ),
        (
            (PLAIN, FAST, *(few(f"slow_{i}", 2e-4 + i * 1e-6) for i in range(6))),
            "but those of too few samples: slow_0, slow_1, slow_2, slow_3 and 2 more. The slowest, slow_5, takes about",
        ),
        (
            (PLAIN, FAST, few("slow", 2e-6)),
            "; told apart from all others but those of too few samples: slow.",
        ),
        (
            (few("plain", 4e-6), FAST, side("slow", 2e-4)),
            (
                "fast is ≈ 4.00 times as fast as plain (few samples: no verdict), with 13.0 digits. "
                "The slowest, slow, takes about 200 times as long."
            ),
        ),
        (
            (side("plain", 1e-6), few("a", 2e-6), few("b", 3e-6)),
            (
                "plain, the baseline, is the fastest: 1.00 us; no other has enough samples for a verdict. The slowest, "
                "b, takes about 3.00 times as long."
            ),
        ),
    ],
)
def test_what_has_too_few_samples_is_not_said_to_be_told_apart(sides, said):
    assert said in leaders.sentence(table_of(*sides))


def test_what_has_too_few_samples_may_be_not_told_apart():
    found = leaders.leader(table_of(PLAIN, FAST, few("same", 1e-6), few("slow", 1e-3)))
    assert [row.implementation for row in found.tied] == ["same"]
    assert [row.implementation for row in found.unjudged] == ["slow"]


def test_a_ratio_below_the_noise_floor_tells_nothing_apart():
    close = side("close", 1.02e-6)
    apart = table_of(PLAIN, FAST, close)
    noisy = table_of(PLAIN, FAST, close, twins=(side("plain", 4.4e-6),))
    assert leaders.leader(apart).tied == ()
    assert noisy.floor_factor == pytest.approx(1.1)
    assert [row.implementation for row in leaders.leader(noisy).tied] == ["close"]


def test_arithmetic_is_the_limit_where_it_takes_longer():
    assert leaders.limit_kind(table_of(PLAIN, **{**WORK, "flops": 1e6})) == "arithmetic"
    assert leaders.limit_kind(table_of(PLAIN)) == ""


def test_the_foremost_table_is_the_largest_of_the_fewest_threads():
    sizes = ("10x2", "1000x2", "100x2")
    tables = make_report([m for t in (2, 1) for size in sizes for m in measured(PLAIN, size=size, threads=t)]).tables
    found = leaders.foremost(list(tables))
    assert (found.size, found.threads) == ("1000x2", 1)
