"""Kind ``number``: numbers as people type them, within an accepted rounding or tolerance."""
