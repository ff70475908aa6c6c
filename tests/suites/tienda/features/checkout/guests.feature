Feature: Guests log in on their way to the checkout

  Scenario: The cart survives the log-in
    Given a visitor with 1 of "TEA-01" in the cart
    When the visitor follows "To the checkout"
    Then the page is titled "Log in"
    When the visitor logs in as "bruno@tienda.example"
    Then the page is titled "Checkout"
    And the cart holds 1 of "Té verde sencha"
