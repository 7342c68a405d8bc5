"""the one formula language"""
