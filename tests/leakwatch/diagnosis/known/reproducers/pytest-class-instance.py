# real
from tests.known_leaks import in_pytest

in_pytest("""
    import leakwatch

    class Cart:
        pass

    class TestCart:
        def test_cart(self):
            self.cart = leakwatch.watch(Cart(), within=0.001)

    def test_later():
        pass
    """)
