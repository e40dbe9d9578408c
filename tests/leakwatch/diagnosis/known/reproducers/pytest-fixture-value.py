# real
from tests.known_leaks import in_pytest

in_pytest("""
    import leakwatch
    import pytest

    class Server:
        pass

    @pytest.fixture(scope="session")
    def server():
        return leakwatch.watch(Server(), within=0.001)

    def test_server(server):
        pass

    def test_later():
        pass
    """)
