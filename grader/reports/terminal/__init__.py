"""What is printed in a terminal: a summary of a batch, an attempt of `grader try`, the layers of the sandbox."""
