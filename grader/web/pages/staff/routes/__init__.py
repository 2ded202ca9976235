"""The routes of the pages of staff."""
