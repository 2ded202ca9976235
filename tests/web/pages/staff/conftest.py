"""A running service with the tiny problem, for each module of tests of the pages of staff."""

from __future__ import annotations

import pytest
from support.staff_client import running, tiny_in


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running(tmp_path_factory.mktemp("staff")) as running_site:
        yield running_site


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return tiny_in(tmp_path_factory.mktemp("problems"))
