"""what people tell each other and are told: notifications and mails"""
