Feature: Vouchers

  Scenario Outline: Voucher <code> on <quantity> of <sku>
    Given a visitor with <quantity> of "<sku>" in the cart
    When the visitor uses voucher "<code>"
    Then the cart's discount is "<discount>"
    And the cart's total is "<total>"

    Examples:
      | code      | sku    | quantity | discount | total   |
      | WELCOME10 | KIT-01 | 1        | -2.49 €  | 27.31 € |
      | minus5    | KIT-01 | 2        | -5.00 €  | 49.70 € |
      | BOOKS20   | BOO-05 | 1        | -5.60 €  | 27.30 € |
      | FREESHIP  | TEA-03 | 1        | none     | 3.20 €  |

  Scenario Outline: Voucher <code> is refused
    Given a visitor with 1 of "STA-01" in the cart
    When the visitor uses voucher "<code>"
    Then the shop refuses: "<reason>"

    Examples:
      | code      | reason                                          |
      | SUMMER    | This voucher has expired.                       |
      | WELCOME10 | This voucher needs a cart of 20.00 € or more.   |
      | NOTHING   | We do not know this voucher.                    |
