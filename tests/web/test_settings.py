"""Settings: from arguments and the environment, and what becomes of the secret."""

from __future__ import annotations

import stat

import pytest

from grader.core import seeds
from grader.core.seeds import PUBLIC
from grader.web.settings import (
    DEFAULT_DATABASE,
    SECRET_NEEDED,
    SECRET_TOO_SHORT,
    ServiceLimits,
    Settings,
    read_or_create_secret,
)

SECRET = b"0123456789abcdef"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch):
    for name in ("GRADER_SECRET", "GRADER_DATABASE", "GRADER_WORKERS", "GRADER_LIMITS", "GRADER_PRACTICE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("secret", "message"), [(PUBLIC.key, SECRET_NEEDED), (b"short", SECRET_TOO_SHORT), (SECRET[:-1], SECRET_TOO_SHORT)]
)
def test_a_secret_that_can_be_guessed_is_refused(secret, message):
    with pytest.raises(ValueError) as error:
        Settings(secret=secret)
    assert str(error.value) == message
    assert Settings(secret=SECRET).secret.get_secret_value() == SECRET


def test_messages():
    assert SECRET_NEEDED == (
        "The service needs a secret of its own: name a file with --secret-file, or set GRADER_SECRET."
    )
    assert SECRET_TOO_SHORT == "The secret of the service is too short: it needs at least 16 bytes."


def test_settings_come_back_and_show_no_secret():
    settings = Settings(
        secret=SECRET,
        database="postgresql+psycopg://u:hunter2@h/d",
        workers=3,
        limits=ServiceLimits(grading_tries=7),
        practice=True,
    )
    assert "\n" not in settings.to_json()
    assert Settings.from_json(settings.to_json()) == settings
    for text in (repr(settings), str(settings)):
        assert "hunter2" not in text and "0123456789abcdef" not in text
    assert "0123456789abcdef" not in settings.model_dump_json()


def test_a_secret_of_any_bytes_comes_back():
    settings = Settings(secret=bytes(range(256)))
    assert Settings.from_json(settings.to_json()).secret.get_secret_value() == bytes(range(256))


def test_defaults():
    settings = Settings(secret=SECRET)
    assert (settings.database, settings.workers, settings.limits, settings.practice) == (
        "sqlite:///grader.sqlite3", 2, ServiceLimits(), False
    )  # fmt: skip


ENVIRONMENT = {
    "GRADER_SECRET": "a secret of the environment",
    "GRADER_DATABASE": "sqlite:///other.sqlite3",
    "GRADER_WORKERS": "5",
    "GRADER_LIMITS__GRADING_TRIES": "9",
    "GRADER_PRACTICE": "1",
}


def test_the_environment_says_what_arguments_do_not(monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.secret.get_secret_value() == b"a secret of the environment"
    assert (settings.database, settings.workers, settings.limits, settings.practice) == (
        "sqlite:///other.sqlite3", 5, ServiceLimits(grading_tries=9), True
    )  # fmt: skip
    told = Settings(secret=SECRET, database="sqlite:///told.sqlite3", workers=1, limits=ServiceLimits(), practice=False)
    assert (told.database, told.workers, told.limits, told.practice) == (
        "sqlite:///told.sqlite3",
        1,
        ServiceLimits(),
        False,
    )
    assert told.secret.get_secret_value() == SECRET
    assert Settings.from_json(told.to_json()) == told


def test_an_empty_variable_is_none(monkeypatch):
    monkeypatch.setenv("GRADER_DATABASE", "")
    assert Settings(secret=SECRET).database == DEFAULT_DATABASE


@pytest.mark.parametrize("text", ["  spaces around a secret \n", "secret with ä and \U0001f426", "0123456789abcdef"])
def test_the_environments_secret_is_that_of_the_grader(monkeypatch, text):
    monkeypatch.setenv("GRADER_SECRET", text)
    assert Settings().secret.get_secret_value() == seeds.find_secret().key
    assert Settings().grading_secret == seeds.find_secret()


def test_a_wrong_variable_is_named_without_the_secret(monkeypatch):
    monkeypatch.setenv("GRADER_SECRET", "a secret of the environment")
    monkeypatch.setenv("GRADER_WORKERS", "hunter2")
    with pytest.raises(ValueError) as error:
        Settings()
    assert str(error.value) == (
        "GRADER_WORKERS: Input should be a valid integer, unable to parse string as an integer."
    )


def test_settings_do_not_change():
    with pytest.raises(ValueError):
        Settings(secret=SECRET).workers = 3


def test_keys_have_one_purpose_each():
    settings = Settings(secret=SECRET)
    assert len({settings.key("csrf"), settings.key("entry"), settings.grading_secret.key}) == 3
    assert settings.key("csrf") == Settings(secret=SECRET).key("csrf")


def test_a_secret_is_created_once_for_the_owner_alone(tmp_path):
    first = read_or_create_secret(tmp_path / "secret")
    assert read_or_create_secret(tmp_path / "secret") == first
    assert len(first) == 64
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
