"""datasets, report templates, dashboards"""
