"""Processes of our own: programs that are asked and may be ended, the fork server that starts them, and the limits they take on."""
