"""what people start with a button, and what starts by itself"""
