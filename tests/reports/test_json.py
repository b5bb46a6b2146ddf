"""Reports as JSON."""

import json

import pytest

from lrbench.report import json as json_report


def test_json_is_strict_and_has_every_field(report):
    document = json.loads(json_report.render(report), parse_constant=pytest.fail)
    assert list(document)[:4] == ["environment", "ceilings", "noise_floor", "rows"]
    assert document["tables"] == [{"first": 0, "end": 8, "conditions": "", "flops": None, "size_bytes": None}]
    slow = document["rows"][5]
    assert (slow["status"], slow["reason"], slow["median_s"]) == ("not run", "about 40 s a call", None)
    assert document["rows"][3]["verdict"] == "faster"


def test_json_turns_what_it_cannot_hold_into_null():
    deep = []
    for _ in range(500):
        deep = [deep]
    assert json_report.strict({"a": float("nan"), 1: (float("-inf"), 2.0), "s": {3}}) == {
        "a": None,
        "1": [None, 2.0],
        "s": "{3}",
    }
    assert len(json.dumps(json_report.strict(deep))) < 100
