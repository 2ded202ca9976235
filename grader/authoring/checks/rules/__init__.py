"""What is checked of a problem: examples, claims, mutation testing of the key, scoring policy, presentation."""
