"""The dashboard: what a hive does, read from a run or a chain, served to a browser of the same machine.

`live/` reads and remembers, `api/` answers, `page/` is what the browser shows. Nothing here signs or sends anything.
"""
