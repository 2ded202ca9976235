"""The JSON API under ``/api/v1``, for students, staff and sessions.

``router`` joins the routes of ``session``, ``student`` and ``staff``. Values of the domain leave only through ``schemas`` and
``staff_schemas``, which ``serializers`` fill; names on the wire never follow from names in the code.
"""
