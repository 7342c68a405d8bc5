"""records in and out as files"""
