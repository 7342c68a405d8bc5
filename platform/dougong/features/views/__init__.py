"""ways of one person to look at records, kept as records of their own"""
