"""The web pages, rendered on the server: signing in, ``student`` and ``staff``.

Routes read a form or an address, call the domain, and render. What a template shows is worked out before, in a view. A template is
a page or, with a name such as ``_result.html``, a partial: a piece of a page that htmx may ask for alone.
"""
