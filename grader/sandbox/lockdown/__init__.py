"""The locks of the sandbox: the seccomp filter, Landlock, resource limits, and the self-test that tries to break them."""
