"""What the service starts with."""

from __future__ import annotations

import json
import stat

import pytest

from grader.core.seeds import PUBLIC
from grader.web.settings import NEEDED, SHORT, Limits, Settings, own_secret, read


@pytest.mark.parametrize(("secret", "says"), [(PUBLIC.key, NEEDED), (b"short", SHORT)])
def test_a_secret_that_can_be_guessed_is_refused(secret, says):
    with pytest.raises(ValueError) as error:
        Settings(secret)
    assert str(error.value) == says


def test_words():
    assert NEEDED == "The service needs a secret of its own: name a file with --secret-file, or set GRADER_SECRET."
    assert SHORT == "The secret of the service is too short: it needs at least 16 bytes."


def test_settings_come_back_and_show_no_secret():
    settings = Settings(b"0123456789abcdef", "postgresql+psycopg://u:hunter2@h/d", 3, Limits(tries=7), True)
    assert read(json.dumps(settings.plain())) == settings
    assert "hunter2" not in repr(settings)
    assert "0123456789abcdef" not in repr(settings)


def test_keys_have_one_purpose_each():
    settings = Settings(b"0123456789abcdef")
    assert len({settings.key("csrf"), settings.key("entry"), settings.grading_secret.key}) == 3
    assert settings.key("csrf") == Settings(b"0123456789abcdef").key("csrf")


def test_own_secret_is_made_once_for_the_owner_alone(tmp_path):
    first = own_secret(tmp_path / "secret")
    assert own_secret(tmp_path / "secret") == first
    assert len(first) == 64
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
