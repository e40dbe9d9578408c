"""A small shop whose test suite is green, and leaks.

`pytest --leakwatch --leakwatch-track 'shop.models:*'` in this folder tells where.
"""
