"""the compiled, immutable model"""
