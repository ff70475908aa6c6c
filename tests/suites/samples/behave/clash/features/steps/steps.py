"""Steps of the samples."""

import os
import signal

from behave import given, then, when


@given("the number {number:d}")
def start(context, number):
    context.number = number


@when("{number:d} is added")
def add(context, number):
    context.number += number


@then("it is {number:d}")
def check(context, number):
    print("seen on the way")
    assert context.number == number, f"{context.number} is not {number}: <&> \"quoted\""


@when("the step breaks")
def break_step(context):
    raise OSError("no database")


@when("the process dies")
def die(context):
    os.kill(os.getpid(), signal.SIGKILL)


@when("the process leaves with 0")
def leave(context):
    os._exit(0)
