"""Proofs of keys: claims of authors, held against the functions of `reference.py` as a model."""
