"""what the platform does with records; features do not know each other"""
