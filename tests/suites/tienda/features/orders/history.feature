Feature: Order history

  Background:
    Given Ana bought 1 of "TEA-02"

  Scenario: The newest order comes first
    Given Ana bought 1 of "STA-06"
    When she follows "My orders"
    Then these orders are listed
      | order | status | total   |
      | 2     | paid   | 8.40 €  |
      | 1     | paid   | 11.30 € |

  Scenario: Nobody sees the orders of others
    Given Bruno is logged in
    When he opens order 1
    Then the answer is 404
