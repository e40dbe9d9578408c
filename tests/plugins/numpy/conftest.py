"""The plugin that these tests are about, in the processes that they start."""

import pytest

from tests.heaps import PLUGINS


@pytest.fixture
def numpy_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Children load this plugin, and no other."""
    monkeypatch.setenv(PLUGINS, "numpy")
