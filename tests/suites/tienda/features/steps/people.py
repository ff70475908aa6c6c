"""Steps for accounts: signing up, logging in, passwords, mail."""

from behave import given, step, then, when

from testkit import flows
from testkit.browser import Browser


@given("{name} is logged in")
def log_in_by_name(context, name):
    context.email = flows.email_of(name)
    context.browser = Browser(context.shop.url)
    flows.log_in(context.browser, context.email)
    assert context.browser.title.startswith(f"Hello {name}"), context.browser.alert


@when('the visitor logs in as "{email}"')
def log_in_here(context, email):
    context.email = email
    context.browser.submit("Log in", email=email, password=flows.PASSWORD)


@when('a visitor logs in as "{email}" with password "{password}"')
def log_in(context, email, password):
    flows.log_in(context.browser, email, password)


@when('a visitor logs in {count:d} times as "{email}" with password "{password}"')
def log_in_again_and_again(context, count, email, password):
    for _ in range(count):
        flows.log_in(context.browser, email, password)


@when('a visitor signs up as "{name}" with "{email}" and password "{password}"')
def sign_up(context, name, email, password):
    context.browser.open("/signup")
    context.browser.submit("Sign up", name=name, email=email, password=password)


@when('a visitor asks for a new password for "{email}"')
def ask_for_link(context, email):
    context.browser.open("/login")
    context.browser.follow("Password forgotten?")
    context.browser.submit("Send link", email=email)


@given("{name} asked for a new password")
def ask_and_read_mail(context, name):
    ask_for_link(context, flows.email_of(name))
    context.link = flows.link_in(context.shop.mail_to(flows.email_of(name), "Your new password"))


@when('she follows the link in the mail and chooses "{password}"')
def use_link(context, password):
    context.browser.open(context.link)
    context.browser.submit("Set password", password=password)


@when('she changes her password from "{old}" to "{new}"')
def change_password(context, old, new):
    context.browser.open("/account")
    context.browser.submit("Change password", old=old, new=new)


@step('"{email}" gets a mail "{subject}" that says')
def check_mail(context, email, subject):
    body = context.shop.mail_to(email, subject)["body"]
    for row in context.table:
        assert row["text"] in body, body


@then('she gets a mail "{subject}" that says')
def check_her_mail(context, subject):
    check_mail(context, context.email, subject)
