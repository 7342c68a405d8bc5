"""the HTTP edge"""
