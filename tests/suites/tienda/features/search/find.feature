Feature: Find products by words

  Scenario Outline: Searching "<words>" finds <count>
    When a visitor searches "<words>"
    Then the search finds <count>
    And the first product is "<first>"

    Examples:
      | words        | count | first                    |
      | café         | 6     | El libro del café        |
      | cafe         | 6     | El libro del café        |
      | TÉ VERDE     | 1     | Té verde sencha          |
      | isabel casa  | 1     | La casa de los espíritus |

  @smoke
  Scenario: From the search to the product
    When a visitor searches "moka"
    And follows "Cafetera italiana"
    Then the page is titled "Cafetera italiana"

  Scenario: A slip of the pen
    When a visitor searches "quijtoe"
    Then the search finds 0
    When the visitor follows "quijote"
    Then the first product is "Don Quijote de la Mancha"
