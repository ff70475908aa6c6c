Feature: Cancel an order

  Background:
    Given Ana bought 2 of "KIT-04"

  Scenario: Before it is sent: money and stock come back
    When she cancels the order
    Then the order says "cancelled"
    And the order's refund is "91.80 €"
    And she gets a mail "Refund for order 1" that says
      | text                     |
      | We sent 91.80 € back to you. |
    And product "KIT-04" has 5 in stock

  Scenario: Too late: it was sent
    Given the warehouse sent the order
    When she cancels the order
    Then the shop refuses: "This order cannot be cancelled any more."
