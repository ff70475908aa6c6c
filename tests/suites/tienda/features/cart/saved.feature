Feature: Go on with a cart on another device

  Background:
    Given a visitor with this cart
      | sku    | quantity |
      | BOO-02 | 2        |
      | KIT-05 | 1        |
    When the visitor sends this cart to "eva@tienda.example"
    Then the shop says "Your cart is on its way to you."

  Scenario: The link brings the lines back
    When "Eva" opens the link in the mail to "eva@tienda.example"
    Then the cart holds 2 of "Veinte poemas de amor"

  Scenario: What somebody else holds is not taken away
    When "Eva" opens the link in the mail to "eva@tienda.example"
    Then the cart's subtotal is "23.80 €"
