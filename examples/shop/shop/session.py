"""Carts from the first article to the payment."""

from shop.models import Cart

_open_carts = {}


def open_cart(customer):
    """The customer's cart, a new one if there is none."""
    return _open_carts.setdefault(customer, Cart(customer))


def close_cart(cart):
    """Empty the cart after the payment. It stays in the dict: this is the leak."""
    cart.articles.clear()


def leave(customer):
    """Forget the cart of a customer who goes without buying."""
    _open_carts.pop(customer, None)
