"""A service whose sessions stay in the registry of price changes; writes two heaps.

`python -c "import sys, shop; shop.main(*sys.argv[1:])" OLDER NEWER`, as a server imports it.
"""

import sqlalchemy

import leakwatch

ENGINE = sqlalchemy.create_engine("sqlite://")


class Basket:
    def __init__(self, number):
        self.items = [f"article {item} of {number}" for item in range(20)]


class Session:
    def __init__(self, number):
        self.basket = Basket(number)
        self.language = {"code": "en", "fallback": "de"}


class Prices:
    def __init__(self):
        self.handlers = {}

    def subscribe(self, customer, handler):
        self.handlers[customer] = handler


class Catalogue:
    def __init__(self):
        self.articles = {number: f"article {number}" * 4 for number in range(4000)}


PRICES = Prices()
CATALOGUE = Catalogue()


def serve(first, last):
    for number in range(first, last):
        PRICES.subscribe(f"customer-{number}", Session(number))


def main(older, newer):
    serve(0, 2000)
    leakwatch.snapshot(older)
    serve(2000, 3500)
    leakwatch.snapshot(newer)
