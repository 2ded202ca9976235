"""Files: YAML with places and messages, atomic writes, CSV cells that no spreadsheet takes for a formula."""
