"""scaling.json is read as it was written, or refused with the file and the place."""

import copy
import json

import pytest
from scaling_document import DOCUMENT

from lrbench.readers import scaling
from lrbench.results import BadRecord


def saved(folder, document):
    path = folder / "scaling.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def test_what_was_written_is_read(tmp_path):
    assert scaling.read(saved(tmp_path, DOCUMENT)) == DOCUMENT


REMOVED = object()


def damaged(part, row, name, value):
    document = copy.deepcopy(DOCUMENT)
    place = document if part is None else document[part][row]
    if value is REMOVED:
        del place[name]
    else:
        place[name] = value
    return document


@pytest.mark.parametrize(
    ("part", "row", "name", "value", "message"),
    [
        ("passes", 0, "time_s", REMOVED, "passes[0]: field 'time_s' is None, which is no number"),
        ("passes", 0, "time_s", "0.5", "passes[0]: field 'time_s' is '0.5', which is no number"),
        ("passes", 0, "time_s", 0, "passes[0]: field 'time_s' is 0, where a number above 0 must be"),
        ("passes", 0, "what", [[]], "passes[0]: field 'what' is a list of 1, which is no str"),
        ("passes", 0, "over_reading", True, "passes[0]: field 'over_reading' is True, which is no number"),
        ("passes", 0, "anonymous_bytes", -1, "passes[0]: field 'anonymous_bytes' is -1, which is no number"),
        ("workers", 0, "workers", 1.5, "workers[0]: field 'workers' is 1.5, which is no int"),
        ("workers", 0, "block_bytes", 1e-320, "workers[0]: field 'block_bytes' is 1e-320, which is no number"),
        ("workers", 0, "efficiency", "NaN", "workers[0]: field 'efficiency' is 'NaN', which is no number"),
        ("workers", 0, "model_over_measured", None, "workers[0]: field 'model_over_measured' is None"),
        ("forecasts", 0, "n_samples", 10**400, "forecasts[0]: field 'n_samples' is 1"),
        ("forecasts", 0, "reduce_s", {}, "forecasts[0]: field 'reduce_s' is a dict of 0"),
        ("implementations", 0, "digits", "x" * 9999, "implementations[0]: field 'digits' is 'xxx"),
        ("implementations", 1, "status", "fine", "implementations[1]: field 'status' is 'fine'; known: ok, wrong"),
        ("implementations", 1, "reason", "x" * 10_001, "implementations[1]: field 'reason' is a text of 10001"),
        (None, 0, "passes", "all", "field 'passes' is 'all', which is no list"),
        (None, 0, "passes", [{}, 3], "passes[0]: field 'page_cache' is None, which is no str"),
        (None, 0, "workers", [3], "workers[0] is 3, which is no dict"),
        (None, 0, "forecasts", REMOVED, "field 'forecasts' is missing, which belongs to 'workers'"),
        (None, 0, "environment", None, "field 'environment' is None, which is no dict"),
        (None, 0, "size_bytes", 0.0, "field 'size_bytes' is 0.0, where a number above 0 must be"),
        (None, 0, "size", 7, "field 'size' is 7, which is no str"),
    ],
)
def test_damage_is_named_with_file_and_place(tmp_path, part, row, name, value, message):
    path = saved(tmp_path, damaged(part, row, name, value))
    with pytest.raises(BadRecord) as caught:
        scaling.read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert len(str(caught.value)) < len(str(path)) + 200


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "the document is a list of 0, which is no dict"),
        (json.dumps(DOCUMENT).replace("0.5", "NaN", 1), "not JSON (NaN is no JSON value)"),
    ],
)
def test_what_is_no_such_document_is_named(tmp_path, text, message):
    path = saved(tmp_path, text)
    with pytest.raises(BadRecord) as caught:
        scaling.read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)


@pytest.mark.parametrize("name", ["time_s", "digits", "anonymous_bytes"])
def test_what_a_failed_implementation_lacks_may_be_missing(tmp_path, name):
    document = damaged("implementations", 0, name, REMOVED)
    assert scaling.read(saved(tmp_path, document)) == document
