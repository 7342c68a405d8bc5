"""help for tests, ours and plugin authors'"""
