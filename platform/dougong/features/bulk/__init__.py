"""many records changed together"""
