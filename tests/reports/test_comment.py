"""What of a report fits into the comment of a pull request."""

import pytest

from lrbench.comparisons import make_report
from lrbench.report import markdown
from lrbench.report.comment import Part, fitting
from lrbench.results import Measurement, Side

SEE = "into a comment: see the report as .html, .csv or .json._"
LINES = tuple("abcdefghij" * 5 for _ in range(6))
SMALL = Part("table", "## small", LINES[:1])
LARGE = Part("table", "## large", LINES, "\n\ntold")
FOLDED = Part("list", "<details>\n", LINES, "\n\n</details>")


@pytest.mark.parametrize(
    ("parts", "most", "last"),
    [
        ([LARGE], 250, f"_1 table more does not fit {SEE}"),
        ([LARGE], 1000, "told"),
        ([LARGE], 460, f"_2 rows more of this table do not fit {SEE}"),
        ([LARGE], 500, f"_1 row more of this table does not fit {SEE}"),
        ([LARGE, SMALL, SMALL], 500, f"_1 row more of this table, and 2 tables more, do not fit {SEE}"),
        ([FOLDED, SMALL], 500, f"_1 line more of this list, and 1 table more, do not fit {SEE}"),
        ([SMALL, LARGE], 280, f"_1 table more does not fit {SEE}"),
        ([SMALL, LARGE, SMALL, FOLDED], 280, f"_2 tables more and 1 list more do not fit {SEE}"),
    ],
)
def test_the_first_part_that_does_not_fit_is_cut_at_a_line(parts, most, last):
    text = fitting(["# head"], parts, [], most)
    assert len(text) <= most
    assert text.rstrip("\n").rpartition("\n\n")[2] == last
    assert text.count("<details>") == text.count("</details>")
    whole = {*SMALL.text.split("\n"), *LARGE.text.split("\n"), *FOLDED.text.split("\n")}
    assert set(text.split("\n")) <= {"# head", last, *whole}


def measured(name, commit, day, *times, size="10"):
    """Return one run's measurement: a side for each time."""
    sides = tuple(
        Side(f"side_{k}", "sum", "side_0", number=1, epochs_s=(time_s,) * 3, rounds=(0, 1, 2))
        for k, time_s in enumerate(times)
    )
    environment = {"machine": "desk", "commit": commit}
    started = f"2025-01-{day:02}T10:00:00+00:00"
    return Measurement(name, size, 1, 0, sides, environment, started=started, source="lrbench")


def test_steps_and_ratios_are_kept_where_hundreds_of_tables_are_not():
    runs = [
        measured("sum", f"{k:040x}", k + 1, 2.0 if size == 77 and k > 4 else 1.0, size=str(size))
        for size in range(400)
        for k in range(8)
    ]
    text = markdown.render(make_report(runs))
    assert len(text.encode()) <= markdown.MOST_BYTES
    assert "- sum/77/side_0, 1 thread on desk: 2.00 times as long since" in text
    assert text.index("### Histories") < text.index("### sum at")


def test_two_runs_stand_beside_each_other_before_their_tables():
    runs = [measured("sum", f"{k:040x}", k + 1, 1.0 + k, size=str(size)) for size in range(400) for k in range(2)]
    text = markdown.render(make_report(runs))
    assert len(text.encode()) <= markdown.MOST_BYTES
    assert text.count("| 2.00 |") == 400
    assert text.index("| case | first |") < text.index("### sum at")
    assert text.endswith((f" tables more do not fit {SEE}\n", f" tables more, do not fit {SEE}\n"))


def test_one_table_that_is_too_long_by_itself_is_cut_by_its_rows():
    text = markdown.render(make_report([measured("sum", "", 1, *(1.0 + k for k in range(1500)))]))
    rows = text.count("| side_")
    assert 60_000 < len(text.encode()) <= markdown.MOST_BYTES
    assert text.endswith(f"\n\n_{1500 - rows} rows more of this table do not fit {SEE}\n")
