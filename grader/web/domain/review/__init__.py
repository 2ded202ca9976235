"""Review by people: the queue, groups of equal answers, decisions.

An attempt that needs review has a row in ``reviews`` with the key of its group; a decision is on a group, and holds for all attempts
that have a row with this key, now and later.
"""
