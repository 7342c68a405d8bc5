"""catalog and data in, view models out; no I/O"""
