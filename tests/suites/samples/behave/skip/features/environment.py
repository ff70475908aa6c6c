"""Skips what is tagged @later."""


def before_scenario(context, scenario):
    if "later" in scenario.effective_tags:
        scenario.skip("TIE-101: not built yet")
