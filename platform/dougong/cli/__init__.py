"""the command line edge"""
