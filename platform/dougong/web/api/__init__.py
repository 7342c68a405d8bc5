"""JSON endpoints over the same services"""
