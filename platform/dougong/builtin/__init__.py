"""first-party extensions; import the sdk, like any plugin"""
