"""One module for each file format of submissions: CSV, JSON, JSON Lines, YAML, Python; text encodings."""
