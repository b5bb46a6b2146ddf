"""The processors that a run was allowed to use, in words."""

import pytest

from lrbench.comparisons import make_report
from lrbench.report.processors import affinity_text
from lrbench.report.wording import environment_text
from lrbench.results import Measurement


@pytest.mark.parametrize(
    ("affinity", "cores", "text"),
    [
        ([0], 2, "processor 0 alone, of 2"),
        ([1, 0], 2, "all 2 processors"),
        ([0], 1, "the only processor"),
        ([0, 1, 2, 3, 8], 16, "processors 0-3, 8 of 16"),
        ([[0], [0, 1]], 2, "processor 0 alone, of 2; or all 2 processors"),
        ([0, 1], None, "processors 0-1"),
        ([3], None, "processor 3"),
        ([0, 1, 2], 2, "processors 0-2"),
        ([], 2, ""),
        (["0"], 2, ""),
        ([True], 2, ""),
        ({"0": 1}, 2, ""),
        (None, 2, ""),
    ],
)
def test_affinity_says_how_many_of_how_many(affinity, cores, text):
    assert affinity_text(affinity, cores) == text


def test_what_is_no_affinity_is_shown_as_it_is():
    assert environment_text({"cores": 2, "affinity": [1]})[1] == ("affinity", "processor 1 alone, of 2")
    assert environment_text({"affinity": ["a", "b"]}) == [("affinity", "a, b")]


def test_processes_on_different_processors_are_all_told():
    allowed = [[0], [1], [0], [0, 1]]
    runs = [Measurement("p", "1", 1, i, (), environment={"cores": 2, "affinity": one}) for i, one in enumerate(allowed)]
    (_, told) = environment_text(make_report(runs).environment)
    assert told == ("affinity", "processor 0 alone, of 2; or processor 1 alone, of 2; or all 2 processors")
