"""the gate: the only way to business data"""
