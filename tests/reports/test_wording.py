"""Words and numbers that every format of a report shares."""

import dataclasses

import pytest
from report_samples import side

from lrbench.comparisons import make_report
from lrbench.report import wording
from lrbench.results import Measurement


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (None, ""), (0.0, "0 s"), (2.5e-10, "0.250 ns"), (1e-9, "1.00 ns"), (12.34e-9, "12.3 ns"),
        (999.4e-9, "999 ns"), (999.6e-9, "1.00 us"), (1.234e-4, "123 us"), (0.0456, "45.6 ms"),
        (1.0, "1.00 s"), (45312.0, "45300 s"), (3e7, "3.00e+07 s"),
    ],
)  # fmt: skip
def test_times_have_three_significant_digits_and_a_unit(seconds, expected):
    assert wording.time_text(seconds) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.01234, "0.0123"), (0.9996, "1.00"), (9.996, "10.0"), (18934.0, "18900"), (1e-5, "1.00e-05"), (-2.5, "-2.50")],
)
def test_numbers_have_three_significant_digits(value, expected):
    assert wording.three_digits(value) == expected


@pytest.mark.parametrize(
    ("size_bytes", "expected"),
    [(None, ""), (0, "0 B"), (999, "999 B"), (999.6, "1 kB"), (24000.0, "24 kB"), (12.34e6, "12.3 MB"), (2e12, "2 TB")],
)
def test_bytes_have_up_to_three_digits_and_a_unit(size_bytes, expected):
    assert wording.bytes_text(size_bytes) == expected


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        (None, ""), (float("inf"), ""), (0.2, "1 call"), (1.4, "about 2 calls"), (9.96, "about 10 calls"),
        (143.0, "about 140 calls"), (1.26e6, "about 1,300,000 calls"),
    ],
)  # fmt: skip
def test_break_even_is_told_in_calls(calls, expected):
    assert wording.calls_text(calls) == expected


def test_text_is_made_safe_to_print():
    assert wording.clean("a\nb\x1b[31m\u202e\ud800é|") == "a b\\x1b[31m\\u202e\\ud800é|"


def test_a_wide_interval_keeps_its_digits():
    epochs = ((4e-9, 4e-3) * 2, (4e-3, 4e-9) * 2)
    runs = [
        Measurement(
            "p", "10", 1, process,
            (
                side("numpy_vectorized", 2e-6),
                dataclasses.replace(side("jit", 1.0), epochs_s=epochs[process % 2][:1] * 4),
            ),
        )
        for process in range(6)
    ]  # fmt: skip
    (table,) = make_report(runs).tables
    row = table.rows[1]
    assert row.speedup_high > 100 * row.speedup
    assert wording.speedup_text(row, table) == (
        f"{wording.three_digits(row.speedup)} [{wording.three_digits(row.speedup_low)}, "
        f"{wording.three_digits(row.speedup_high)}]"
    )
    assert "[0.00," not in wording.speedup_text(row, table)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (1.034, "103 %"), (0.834, "83 %"), (0.0996, "10 %"), (0.0994, "9.9 %"), (0.00996, "1.0 %"), (0.0094, "0.94 %"),
        (4e-4, "0.04 %"), (4e-5, "< 0.01 %"), (0.0, "< 0.01 %"), (None, ""),
    ],
)  # fmt: skip
def test_a_share_of_the_limit_is_a_percentage_of_two_digits_and_at_most_two_decimals(report, share, text):
    assert wording.limit_text(dataclasses.replace(report.rows[0], of_limit=share)) == text


def test_bytes_are_written_as_people_do():
    assert wording.environment_text({"memory_bytes": 25276514304, "x_bytes": "many", "resolution_s": 1e-9}) == [
        ("memory", "25.3 GB"),
        ("x bytes", "many"),
        ("resolution", "1.00 ns"),
    ]


@pytest.mark.parametrize("name", ["memory_bytes", "resolution_s"])
def test_an_amount_beyond_any_is_shown_as_it_was_read(name):
    assert wording.environment_text({name: 10**400}) == [(name.replace("_", " "), str(10**400))]
