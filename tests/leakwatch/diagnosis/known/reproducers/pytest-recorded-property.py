# real
from tests.known_leaks import in_pytest

in_pytest("""
    import leakwatch

    class Cart:
        pass

    def test_cart(record_property):
        record_property("cart", leakwatch.watch(Cart(), within=0.001))

    def test_later():
        pass
    """)
