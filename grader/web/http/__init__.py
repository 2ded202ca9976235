"""HTTP: what surrounds the pages and the API.

``auth`` (who makes a request, and what they may), ``csrf``, ``sign_in``, ``rate_limits``, ``error_handlers``,
``monitoring``; ``middleware/`` is around every request, ``rendering/`` makes pages of templates.
"""
