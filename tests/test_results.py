"""The store of measurements: what is written is read again, and damage is named by its place."""

import json

import pytest

from lrbench import results
from lrbench.results import BadRecord, Measurement, Side

SIDE = Side("qr", "qr", "solve", digits=15.5, number=10, epochs_s=(0.01, 0.02), rounds=(0, 1), cpu_s=0.03)
REFUSED = Side("svd", "svd", "solve", status="wrong answer", reason="non-finite value nan at [7]")
CEILING = {"kind": "read", "threads": 1, "working_set_bytes": 8e4, "value": 1e10}
STATED = {
    "implementation": "qr", "algorithm": "", "baseline": "", "number": 1, "epochs_s": [0.2], "rounds": [0],
    "is_summary": True, "quartiles_s": [0.1, 0.3], "min_s": 0.05,
}  # fmt: skip
ONE = Measurement("least_squares", "1000x2", 1, 3, (SIDE, REFUSED), {"cpu": "a <b> & c"}, seed=0, data_checksum="f0")


def test_a_measurement_survives_the_file(tmp_path):
    path = tmp_path / "measurements.jsonl"
    results.append(path, ONE)
    results.append(path, ONE)
    assert results.load(path) == ([ONE, ONE], [])


def test_seconds_of_one_call_follow_from_epochs():
    assert SIDE.times_s == (0.001, 0.002)


def test_a_line_that_was_cut_is_left_out_and_said(tmp_path):
    path = tmp_path / "measurements.jsonl"
    results.append(path, ONE)
    whole = path.read_bytes()
    for cut in range(1, len(whole)):
        path.write_bytes(whole + whole[:cut])
        found, remarks = results.load(path)
        assert found == [ONE]
        assert remarks == [f"{path}: line 2 was cut while it was written; it is left out."]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "other"}, "format 'other'"),
        ({"sides": None}, "field 'sides' is missing, or is no list"),
        ({"problem": 3}, "field 'problem' is 3"),
        ({"threads": True}, "field 'threads' is True"),
        ({"sides": [{**json.loads(results.to_json(ONE))["sides"][0], "status": "fine"}]}, "field 'status' is 'fine'"),
        ({"sides": [{**json.loads(results.to_json(ONE))["sides"][0], "number": 0}]}, "field 'number' is 0"),
        ({"sides": [{**json.loads(results.to_json(ONE))["sides"][0], "rounds": [1]}]}, "differ in length"),
        (
            {"sides": [{**json.loads(results.to_json(ONE))["sides"][0], "epochs_s": [-1, 2]}]},
            "no number from 1e-18 to 1e\\+18, or 0",
        ),
        ({"sides": [{**json.loads(results.to_json(ONE))["sides"][0], "number": 10**300}]}, "no possible value"),
        ({"size_bytes": 1e300}, "field 'size_bytes' is 1e\\+300, which is no possible value"),
        ({"size_bytes": 1e-300}, "field 'size_bytes' is 1e-300, which is no possible value"),
        ({"flops": -1.0}, "field 'flops' is -1.0, which is no possible value"),
        ({"ceilings": [{**CEILING, "value": -1.0}]}, "field 'value' is -1.0, which is no possible value"),
        ({"sides": [{**STATED, "quartiles_s": [0.3, 0.1]}]}, "'quartiles_s' is no pair of a low and a high time"),
        ({"sides": [{**STATED, "quartiles_s": [0.3]}]}, "'quartiles_s' is no pair of a low and a high time"),
        ({"sides": [{**STATED, "min_s": -1.0}]}, "field 'min_s' is -1.0, which is no possible value"),
        ({"sides": [{**STATED, "epochs_s": [0.2, 0.2], "rounds": [0, 1]}]}, "has 2 epochs, where its source states a"),
        ({"sides": ["x"]}, "a side must be an object, not str"),
    ],
)
def test_a_wrong_field_is_named_with_its_line(tmp_path, change, message):
    path = tmp_path / "measurements.jsonl"
    path.write_text(json.dumps({**json.loads(results.to_json(ONE)), **change}) + "\n", encoding="utf-8")
    with pytest.raises(BadRecord, match=message) as refusal:
        results.load(path)
    assert str(refusal.value).startswith(f"{path}: line 1: ")


def test_what_a_source_states_survives_the_file(tmp_path):
    path = tmp_path / "measurements.jsonl"
    path.write_text(json.dumps({**json.loads(results.to_json(ONE)), "sides": [STATED]}) + "\n", encoding="utf-8")
    ((found,), _) = results.load(path)
    assert (found.sides[0].quartiles_s, found.sides[0].min_s, found.sides[0].is_summary) == ((0.1, 0.3), 0.05, True)
    assert results.from_json(results.to_json(found), "again") == found


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "NaN", '{"format": NaN}', "[]", "1e999", "9" * 5000])
def test_what_is_no_measurement_is_refused(text):
    with pytest.raises(BadRecord, match=r"^file: line 7: "):
        results.from_json(text, "file: line 7")
