"""View models of the pages of students: what a template shows, worked out."""
