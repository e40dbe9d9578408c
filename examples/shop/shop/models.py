"""What is sold, and what it is carried in."""


class Article:
    """Something with a price."""

    def __init__(self, name, price):
        self.name = name
        self.price = price


class Cart:
    """The articles of one customer."""

    def __init__(self, customer):
        self.customer = customer
        self.articles = []

    def total(self):
        return sum(article.price for article in self.articles)
