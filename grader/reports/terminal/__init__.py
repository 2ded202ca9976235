"""What is printed for people: marks and outcomes of a batch, practice of a problem, the self-test of the sandbox, maths as plain text."""
