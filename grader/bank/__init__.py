"""A folder of problems: what their authors promise about them, held against what they do."""
