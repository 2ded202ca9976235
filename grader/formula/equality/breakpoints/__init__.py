"""Where a formula changes from one analytic branch to another: branch switches, and the cells of a domain between them."""
