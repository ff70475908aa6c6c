Feature: Product page

  Scenario: Price and stock are shown
    When a visitor opens product "KIT-01"
    Then the page is titled "Cafetera italiana"
    And the price is "24.90 €"
    And the stock says "14 in stock"

  Scenario: A reduced product shows both prices
    When a visitor opens product "KIT-06"
    Then the price is "35.00 € 29.75 €"

  Scenario: What is sold out cannot be bought
    When a visitor opens product "TEA-04"
    Then the stock says "sold out"
    And there is no button "Add to cart"

  Scenario: An unknown product
    When a visitor opens product "XYZ-99"
    Then the answer is 404
