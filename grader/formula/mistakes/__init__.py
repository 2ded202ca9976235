"""Mistakes in formulas, by mutation testing: what one small slip makes of a key, and which slip a wrong answer shows.

``mutations`` applies the rules of ``matrix_mutations``, ``scalar_mutations`` and ``structural_mutations``; ``mutation_table``
looks them up by ``fingerprint``; ``diagnose`` names the mistake of an answer; ``surviving_mutations`` are those that a key
accepts; ``catalogue`` has the words.
"""
