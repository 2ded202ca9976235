"""What the service does, without HTTP. Imports go one way: accounts < exams < attempts < review < grading < uploads."""
