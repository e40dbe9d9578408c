# real
import unittest

from tests.known_leaks import in_scope


class TestCart(unittest.TestCase):
    def test_cart(self):
        pass


def work(scope):
    unittest.defaultTestLoader.loadTestsFromTestCase(TestCart).run(unittest.TestResult())


in_scope(work, discover=True)
