Feature: What an order costs

  Background:
    Given Ana is logged in

  @smoke
  Scenario: Several products, a voucher and shipping
    Given she has this cart
      | sku    | quantity |
      | BOO-03 | 1        |
      | TEA-02 | 2        |
      | STA-03 | 1        |
    When she uses voucher "WELCOME10"
    And she orders with card "4242 4242 4242 4242"
    Then the order costs
      | sum      | value   |
      | Subtotal | 34.65 € |
      | Discount | -3.47 € |
      | Shipping | 4.90 €  |
      | Total    | 36.08 € |

  Scenario Outline: Shipping <quantity> of <sku> to <country>
    Given she has <quantity> of "<sku>" in the cart
    When she orders by card to <country> with postcode "<postcode>"
    Then the order's shipping is "<shipping>"
    And the order's total is "<total>"

    Examples:
      | country        | postcode | sku    | quantity | shipping | total   |
      | Spain          | 28001    | KIT-01 | 1        | 4.90 €   | 29.80 € |
      | Spain          | 28001    | KIT-01 | 3        | 0.00 €   | 74.70 € |
      | Canary Islands | 35001    | KIT-01 | 3        | 9.90 €   | 84.60 € |
      | Germany        | 10115    | TEA-03 | 1        | 14.90 €  | 18.10 € |
