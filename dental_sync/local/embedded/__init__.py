"""PostgreSQL and Redis for one machine: started, proven to be ours, and stopped again.

`dental-sync run` keeps their data in `var/` on fixed ports; the tests use `temporary.temporary_servers()`. Where the
platform brings its own servers the packages behind this one are not installed: nothing is imported here.
"""
