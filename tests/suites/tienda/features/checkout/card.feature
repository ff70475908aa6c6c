Feature: Pay by card
  The provider takes a moment to answer; the order waits for it.

  Background:
    Given Ana is logged in
    And she has 1 of "KIT-02" in the cart

  @smoke
  Scenario: The card is accepted
    When she orders with card "4242 4242 4242 4242"
    Then the order says "waiting for payment"
    And the order becomes "paid"
    And the cart is empty

  Scenario Outline: The bank says: <reason>
    When she orders with card "<card>"
    Then the order becomes "payment failed"
    And the reason is "<reason>"
    And the cart holds 1 of "Molinillo de café"

    Examples:
      | card                | reason                               |
      | 4000 0000 0000 0002 | The card was declined.               |
      | 4000 0000 0000 9995 | There is not enough money on the card. |
      | 4000 0000 0000 9979 | The card was reported stolen.        |

  Scenario: A number that is none is refused at once
    When she orders with card "4242 4242 4242 4241"
    Then the shop refuses: "This is not a card number."

  Scenario: Another card after a refusal
    When she orders with card "4000 0000 0000 0069"
    Then the order becomes "payment failed"
    When she tries again with card "4242 4242 4242 4242"
    Then the order becomes "paid"
