"""The tables of one family of problems, joined by their targets, as every format shows them."""

import json

import pytest

from lrbench.comparisons import make_report
from lrbench.problems import PROBLEMS
from lrbench.report import convergence, html, markdown, terminal
from lrbench.report import json as json_report
from lrbench.results import Measurement, Side


def timed(name, time_s, steps, algorithm="descent"):
    return Side(name, algorithm, "fast", number=1, epochs_s=(time_s,) * 3, rounds=(0, 1, 2), digits=4.0, steps=steps)


def measured(problem, target=None, *sides, **fields):
    given = {"problem": problem, "size": "1000x2", "threads": 1, "family": "fit", "target": target}
    return [Measurement(**{**given, **fields}, process=process, sides=sides) for process in range(2)]


NEAR = (timed("slow", 4e-3, 7), timed("fast", 2e-6, 7), timed("closed", 1e-5, None, "cholesky"))
FAR = (
    Side("slow", "descent", "fast", status="not run", reason="about 5.1 s a call"),
    Side("fast", "descent", "fast", status="skipped", reason="does not come within 1e-06"),
    timed("closed", 1e-5, None, "cholesky"),
    timed("late", 3e-5, 189),
)


@pytest.fixture(scope="module")
def report():
    other = measured("gradient", None, timed("fast", 1e-6, None), family="")
    return make_report([*other, *measured("fit_1e-6", 1e-6, *FAR), *measured("fit", 1e-4, *NEAR)])


MARKDOWN = """\
### fit at 1000x2, 1 thread: time to each relative excess loss

| implementation | algorithm | 0.0001 | 1e-06 |
|---|---|--:|--:|
| slow | descent | 4.00 ms (7) | not run |
| fast | descent | 2.00 us (7) | — |
| closed | cholesky | 10.0 us | 10.0 us |
| late | descent |  | 30.0 us (189) |

In brackets the steps"""

TERMINAL = """\
fit at 1000x2, 1 thread: time to each relative excess loss

  implementation   algorithm        0.0001           1e-06
 ──────────────────────────────────────────────────────────
  slow             descent     4.00 ms (7)         not run
  fast             descent     2.00 us (7)               —
  closed           cholesky        10.0 us         10.0 us
  late             descent                   30.0 us (189)

In brackets the steps"""


def test_markdown_and_terminal_show_the_time_to_each_target(report):
    assert MARKDOWN in markdown.render(report)
    assert TERMINAL in terminal.render(report)


def test_the_page_has_the_table_once(report):
    page = html.render(report)
    assert page.count("time to each relative excess loss</span></caption>") == 1
    assert '<td class="number">30.0 us (189)</td>' in page


def test_json_has_medians_steps_and_states_by_target(report):
    (table,) = json.loads(json_report.render(report))["convergence"]
    assert table["targets"] == [1e-4, 1e-6]
    assert table["rows"][1] == {
        "implementation": "fast",
        "median_s": [2e-6, None],
        "steps": [7, None],
        "status": ["ok", "skipped"],
    }


@pytest.mark.parametrize("fields", [{"size": "100000x10"}, {"threads": 2}, {"target": 1e-4}, {"family": "other"}])
def test_what_differs_in_more_than_the_target_is_not_joined(fields):
    report = make_report([*measured("fit", 1e-4, *NEAR), *measured("fit_1e-6", **{"target": 1e-6, **fields})])
    assert not convergence.convergences(report)


def test_nothing_that_was_read_is_obeyed():
    sides = (timed("<script>\x1b[31m", 1e-3, 1, "<evil>\x1b[1m|"),)
    report = make_report([*measured("fit", 1e-4, *sides), *measured("fit_1e-6", 1e-6, *sides)])
    assert "\x1b" not in terminal.render(report) + markdown.render(report) + html.render(report)
    assert "<evil>" not in html.render(report) + markdown.render(report)


def test_each_family_of_the_registry_has_one_problem_a_target_and_one_of_them_is_quick():
    families = {problem.family for problem in PROBLEMS if problem.family}
    assert families
    for family in families:
        members = [problem for problem in PROBLEMS if problem.family == family]
        assert len({problem.target for problem in members}) == len(members) > 1
        assert sum(problem.quick for problem in members) == 1
        assert len({problem.implementations for problem in members}) == 1
