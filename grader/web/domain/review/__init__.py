"""Review by people: the queue, groups of equal answers, decisions."""
