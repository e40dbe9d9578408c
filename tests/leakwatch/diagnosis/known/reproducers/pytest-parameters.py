# real
from tests.known_leaks import in_pytest

in_pytest("""
    import leakwatch
    import pytest

    class Cart:
        pass

    @pytest.mark.parametrize("cart", [leakwatch.watch(Cart(), within=0.001)])
    def test_cart(cart):
        pass
    """)
