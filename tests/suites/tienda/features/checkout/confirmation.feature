Feature: What follows a paid order

  Background:
    Given Ana is logged in
    And she has 2 of "BOO-04" in the cart
    When she orders with card "4242 4242 4242 4242"
    Then the order becomes "paid"

  Scenario: A mail confirms it
    Then she gets a mail "Your order 1" that says
      | text                   |
      | 2 x El libro del café  |
      | Total 53.90 €          |

  Scenario: The stock shrinks
    Then product "BOO-04" has 6 in stock

  Scenario: The warehouse sends it
    When the warehouse packs the order
    Then the order becomes "shipped"
    And she gets a mail "Your order 1 is on its way" that says
      | text              |
      | Parcel ES00000001 |
