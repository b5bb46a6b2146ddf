"""The reports that every format shows: of each outcome, and of hostile names."""

import pytest
from report_samples import every_outcome, hostile_names


@pytest.fixture(scope="package")
def report():
    return every_outcome()


@pytest.fixture(scope="package")
def hostile():
    return hostile_names()
