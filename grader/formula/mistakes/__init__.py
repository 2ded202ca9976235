"""Mistakes in formulas: mutations of a key, fingerprints to look an answer up by, the diagnosis, surviving mutations."""
