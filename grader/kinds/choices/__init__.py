"""Kind ``choices``: sets of options, and the policies by which they are scored."""
