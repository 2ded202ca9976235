"""The contract of a kind of answer: ``spec`` (what the author writes), ``public`` (without the key), ``prepared`` (ready to grade).

``context`` is what a blank is prepared with, and the error of an author's mistake; ``claims`` is what authors claim of a key;
``anticipated_mistakes`` are the mistakes that they foresee, ``mistake_messages`` the words for those that the grader recognises
by itself. ``seed_text`` names what enters a seed, ``frozen`` is the base of all validated values.
"""
