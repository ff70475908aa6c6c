Feature: Fill and change the cart

  Background:
    Given a visitor with this cart
      | sku    | quantity |
      | CAF-01 | 2        |
      | KIT-03 | 1        |

  @smoke
  Scenario: The cart adds up
    Then the cart's subtotal is "22.40 €"

  Scenario: The same product again
    When the visitor adds 1 of "CAF-01"
    Then the cart holds 3 of "Café molido de Colombia"

  Scenario: Change a quantity
    When the visitor changes "KIT-03" to 4
    Then the cart holds 4 of "Taza de loza"
    And the cart's subtotal is "47.90 €"

  Scenario: Quantity 0 takes a line out
    When the visitor changes "CAF-01" to 0
    And the visitor changes "KIT-03" to 0
    Then the cart is empty

  Scenario Outline: A quantity of "<quantity>" is refused
    When the visitor changes "KIT-03" to <quantity>
    Then the shop refuses: "<reason>"
    And the cart holds 1 of "Taza de loza"

    Examples:
      | quantity | reason                                 |
      | -1       | Please choose between 0 and 20 pieces. |
      | 21       | Please choose between 0 and 20 pieces. |
