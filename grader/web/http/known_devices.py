"""Known devices: a browser that has signed in to an account by password may do so again, whoever else guesses at that account.

Guesses from everywhere at one account are limited together; without this, strangers who use that limit up would lock its owner out.
"""

from __future__ import annotations

import secrets

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.responses import Response

from grader.web.service import Service
from grader.web.settings import Settings

COOKIE = "grader-device"
LIFE_DAYS = 180


def remember(response: Response, service: Service, login: str) -> None:
    """Set the cookie that names the account which this device has signed in to; it opens nothing by itself."""
    value = _serializer(service.settings).dumps([_folded(login), secrets.token_urlsafe(12)])
    response.set_cookie(
        COOKIE,
        value,
        max_age=LIFE_DAYS * 86_400,
        path="/",
        secure=service.secure,
        httponly=True,
        samesite="strict",
    )


def recognize(settings: Settings, cookie: str | None, login: str) -> str | None:
    """Return the name of a device that has signed in to this account before; None for every other."""
    try:
        account, device = _serializer(settings).loads(cookie or "", max_age=LIFE_DAYS * 86_400)
    except (BadSignature, ValueError, TypeError):
        return None
    return str(device) if account == _folded(login) else None


def _folded(login: str) -> str:
    return login.strip().casefold()


def _serializer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.key("known-device"), "known-device")
