@slow
Feature: Pay by bank transfer
  Some banks take their time, and some never answer.

  Background:
    Given Ana is logged in
    And she has 1 of "STA-02" in the cart

  Scenario Outline: <bank> sends the money
    When she orders by transfer from "<bank>"
    Then the order says "waiting for payment"
    And the order becomes "paid"

    Examples:
      | bank         |
      | Banco Rápido |
      | Banco Lento  |

  Scenario: The bank refuses
    When she orders by transfer from "Banco Estricto"
    Then the order becomes "payment failed"
    And the reason is "The bank refused the transfer."

  Scenario: The bank never answers
    When she orders by transfer from "Banco Mudo"
    Then the order becomes "payment failed"
    And the reason is "The bank did not answer in time."
    And the cart holds 1 of "Pluma estilográfica"

  Scenario: Cancelled while the bank is thinking
    When she orders by transfer from "Banco Lento"
    And she cancels the order
    Then the order says "cancelled"
    When the bank has answered at last
    Then the order says "cancelled"
    And product "STA-02" has 7 in stock
