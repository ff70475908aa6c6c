"""One shop for each start of behave, as good as new for each scenario."""

import sys
from pathlib import Path

sys.dont_write_bytecode = True  # before the first import of our own
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from testkit.browser import Browser
from testkit.running_shop import RunningShop


def before_all(context):
    context.shop = RunningShop()


def before_scenario(context, scenario):
    context.shop.reset()
    context.browser = Browser(context.shop.url)
    context.visitors = {}
    context.orders = []


def after_all(context):
    context.shop.stop()
