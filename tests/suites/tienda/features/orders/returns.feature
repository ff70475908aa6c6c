Feature: Send things back
  Within 14 days. Shipping is paid back when everything returns and it was the shop's fault.

  Background:
    Given Ana bought 2 of "CAF-02"
    And the warehouse sent the order

  Scenario Outline: <quantity> sent back: <reason>
    When she sends <quantity> of "CAF-02" back: "<reason>"
    Then the order says "<status>"
    And the order's refund is "<refund>"
    And product "CAF-02" has <stock> in stock

    Examples:
      | quantity | reason          | status          | refund  | stock |
      | 1        | changed my mind | partly returned | 14.50 € | 24    |
      | 2        | changed my mind | returned        | 29.00 € | 25    |
      | 2        | damaged         | returned        | 33.90 € | 23    |

  Scenario: Not after 14 days
    When 15 days pass
    And she sends 1 of "CAF-02" back: "changed my mind"
    Then the shop refuses: "The 14 days for returns are over."
