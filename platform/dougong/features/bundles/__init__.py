"""from definitions to a running system"""
