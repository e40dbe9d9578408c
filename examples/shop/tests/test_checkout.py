from itertools import count

import pytest
from shop.models import Article, Cart
from shop.session import close_cart, leave, open_cart

CUSTOMERS = count(1)


def test_a_cart_knows_its_total():
    cart = Cart("ada")
    cart.articles += [Article("tea", 4), Article("cup", 9)]
    assert cart.total() == 13


def test_whoever_leaves_has_no_cart():
    cart = open_cart("grace")
    leave("grace")
    assert open_cart("grace") is not cart
    leave("grace")


@pytest.mark.parametrize("payment", ["card", "invoice"])
def test_checkout(payment):
    cart = open_cart(f"customer {next(CUSTOMERS)} with {payment}")
    cart.articles.append(Article("tea", 4))
    close_cart(cart)
    assert cart.total() == 0
