"""One shop for each start of pytest, as good as new for each test."""

import shutil
import sys
from pathlib import Path

sys.dont_write_bytecode = True
shutil.rmtree(
    Path(__file__).parent / "__pycache__", ignore_errors=True
)  # written before that line ran
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pytest

from testkit.client import Client
from testkit.running_shop import RunningShop


@pytest.fixture(scope="session")
def running_shop():
    shop = RunningShop()
    yield shop
    shop.stop()


@pytest.fixture
def shop(running_shop):
    running_shop.reset()
    return running_shop


@pytest.fixture
def visitor(shop):
    return Client(shop.url)


@pytest.fixture
def ana(shop):
    return Client(shop.url, "ana@tienda.example")
