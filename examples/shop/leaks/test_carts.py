import pytest
from shop.models import Article, Cart
from shop.session import close_cart, open_cart

CUSTOMERS = iter(range(1_000))


@pytest.mark.leakwatch(repeat="3:10", track=[Cart])
def test_checkout_frees_cart():
    cart = open_cart(next(CUSTOMERS))
    cart.articles.append(Article("tea", 4))
    close_cart(cart)
