"""The contract of a kind of answer: ``spec`` (what the author writes), ``public`` (without the key), ``prepared`` (ready to grade).

``context`` is what a blank is prepared with, ``claims`` what authors claim of a key, ``mistake_messages`` what is said of mistakes.
"""
