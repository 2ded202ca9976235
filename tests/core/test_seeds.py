"""Seeds derive from the secret and the blank, the same everywhere."""

from __future__ import annotations

import pytest

from grader.core import seeds as secret


def test_a_seed_depends_on_secret_blank_and_purpose_alone():
    ours = secret.from_bytes(b"one")
    seeds = {
        ours.derive(b"blank", "points"),
        ours.derive(b"blank", "inputs"),
        ours.derive(b"other", "points"),
        secret.from_bytes(b"two").derive(b"blank", "points"),
        secret.PUBLIC.derive(b"blank", "points"),
    }
    assert len(seeds) == 5
    assert secret.from_bytes(b"one").derive(b"blank", "points") == ours.derive(b"blank", "points")
    assert max(seeds) < 2**256


def test_a_seed_is_the_same_on_every_machine():
    assert hex(secret.from_bytes(b"one").derive(b"blank", "points"))[:18] == SEED


SEED = "0x2b10238192441a77"  # HMAC-SHA256 of "points\0blank" with the key "one", by openssl


def test_the_id_does_not_hold_the_key():
    ours = secret.from_bytes(b"correct horse")
    assert len(ours.id) == 12
    assert "horse" not in ours.id
    assert secret.PUBLIC.id == "public"


def test_where_it_is_found(tmp_path, monkeypatch):
    monkeypatch.delenv("GRADER_SECRET", raising=False)
    assert secret.find_secret() is secret.PUBLIC
    monkeypatch.setenv("GRADER_SECRET", " by name ")
    assert secret.find_secret() == secret.from_bytes(b"by name")
    path = tmp_path / "secret"
    path.write_bytes(b"by file\n")
    assert secret.find_secret(path) == secret.from_bytes(b"by file")


def test_an_empty_file_is_no_secret(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes(b" \n")
    with pytest.raises(ValueError, match="the secret file is empty"):
        secret.find_secret(path)


def test_an_exam_enters_the_hidden_inputs_and_nothing_else():
    ours = secret.from_bytes(b"one")
    first, second = ours.for_exam("first"), ours.for_exam("second")
    assert first.derive(b"blank", "points") == second.derive(b"blank", "points") == ours.derive(b"blank", "points")
    inputs = {each.derive(b"blank", secret.HIDDEN_INPUTS) for each in (ours, first, second)}
    assert len(inputs) == 3
    assert ours.for_exam("") == ours
    assert first.id == ours.id
