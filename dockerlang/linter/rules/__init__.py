"""The rules, a folder a subject and a file a rule; `catalog.py` finds them."""
