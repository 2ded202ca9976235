"""Grade submissions: ``readers`` turn files into submissions, ``grade`` has each blank judged by its kind, ``results`` add up.

``statistics`` and ``answer_groups`` are about a class.
"""
