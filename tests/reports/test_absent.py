"""What a report does not have, told with its reasons."""

import dataclasses

from report_samples import SIDES, measurements, refused, side

from lrbench.comparisons import make_report
from lrbench.report import absent

PEERS = (("a", "jax"), ("b", "torch"), ("c", "jax"))


def test_what_has_no_time_is_told_with_its_reasons(report):
    assert absent.summary(report) == "Without a time: 3 of 8 rows (1 not run, 1 wrong answer, 1 for want of a package)"
    assert absent.reasons(report) == [
        ("not run", ["slow at 10000 (about 40 s a call) of vector_addition"]),
        ("wrong answer: relative error 1.6e+00 is above the tolerance 1e-10", ["broken of vector_addition"]),
        ("skipped: needs torch: pip install 'lrbench[peers]'", ["absent of vector_addition"]),
    ]
    assert absent.summary(make_report(measurements(*SIDES[:3]))) == ""


def test_what_lacks_a_package_is_named_below_its_table_unless_nothing_else_is_there(report):
    (table,) = report.tables
    assert [row.implementation for row in table.rows if row not in absent.shown(table)] == ["absent"]
    assert absent.wanting_text(table) == "Skipped: absent (needs torch). pip install 'lrbench[peers]'"
    more = [refused(name, "skipped", f"needs {what}: pip install 'lrbench[peers]'") for name, what in PEERS]
    (table,) = make_report(measurements(SIDES[0], *more)).tables
    assert absent.wanting_text(table) == "Skipped: a, c (needs jax); b (needs torch). pip install 'lrbench[peers]'"
    (table,) = make_report(measurements(*more)).tables
    assert [row.implementation for row in absent.shown(table)] == ["a", "b", "c"]
    assert (absent.wanting_text(table), absent.hint(table)) == ("", "")
    (table,) = make_report(measurements(SIDES[0], refused("d", "skipped", "is a holiday"))).tables
    assert [row.implementation for row in absent.shown(table)] == ["python_loop", "d"]


def test_a_report_without_first_calls_says_so_once():
    timed = make_report(measurements(*SIDES[:2]))
    assert absent.starts(timed) == (
        "Import, first call, break-even and peak memory were not measured here: lrbench run does that without --quick, "
        "if its --budget leaves time for it."
    )
    (large, *_) = SIDES
    known = make_report(measurements(dataclasses.replace(large, peak_memory_bytes=1e6)))
    assert absent.starts(known).startswith("Import, first call and break-even were not measured here: ")
    (started, *others) = SIDES[:2]
    assert absent.starts(make_report(measurements(dataclasses.replace(started, first_call_s=2.0), *others))) == ""
    assert absent.starts(make_report(measurements(refused("a", "failed", "killed")))) == ""


def test_what_is_absent_at_some_sizes_is_told_with_them():
    there, gone = side("a", 1.0), refused("a", "failed", "killed")
    runs = [m for size, one in (("10", there), ("20", gone)) for m in measurements(one, size=size)]
    assert absent.reasons(make_report(runs)) == [("failed: killed", ["a at 20 of vector_addition"])]
