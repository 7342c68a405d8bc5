"""who may do what"""
