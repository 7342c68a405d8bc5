"""the catalog as tables"""
