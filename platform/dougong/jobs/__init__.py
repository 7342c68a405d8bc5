"""doing things: now, later, on a schedule; the only home of Celery"""
