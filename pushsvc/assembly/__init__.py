"""
Parts made of the tables of a configuration: what ``tap.py`` puts together.
"""
