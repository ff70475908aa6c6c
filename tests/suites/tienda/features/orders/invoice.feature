Feature: Invoice

  Scenario: A paid order has one, with VAT by rate
    Given Ana bought this
      | sku    | quantity |
      | BOO-01 | 1        |
      | CAF-01 | 1        |
    When she follows "Invoice"
    Then the invoice says
      | text             |
      | Invoice 1        |
      | 43.85 €          |
      | of it 4 % VAT    |
      | of it 10 % VAT   |
      | of it 21 % VAT   |

  Scenario: An order that was not paid has none
    Given Ana is logged in
    And she has 1 of "BOO-01" in the cart
    When she orders by transfer from "Banco Mudo"
    And she follows "Invoice"
    Then the answer is 409
