"""Logs that go on: files that grow and rotate, sockets, standard input; into the lake as they come (docs/watch.md).

`Watcher` follows files. What comes over a socket or standard input is written to a file first (`spool`), and that file
is followed. docs/decisions/0013-following-logs.md says why.
"""
