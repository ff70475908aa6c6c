Feature: Narrow a search

  Scenario: By category and price
    When a visitor searches "café" with
      | filter   | value   |
      | category | kitchen |
    Then the search finds 2
    When a visitor searches "café" with
      | filter   | value   |
      | category | kitchen |
      | most     | 30      |
    Then the search finds 1
    And the first product is "Cafetera italiana"

  Scenario: Only what is in stock
    When a visitor searches "vanilla"
    Then the search finds 1
    When a visitor searches "vanilla" with
      | filter   | value |
      | in_stock | yes   |
    Then the search finds 0
