"""benchmarks of the whole, each beside a floor: the same work written by hand"""
