Feature: Browse the catalog
  Visitors find their way from the categories to a product.

  Background:
    Given a visitor on the home page

  @smoke
  Scenario: The home page lists all categories
    Then the page lists these categories
      | category       | products |
      | Books          | 5        |
      | Coffee and tea | 7        |
      | Kitchen        | 6        |
      | Stationery     | 6        |

  Scenario Outline: Sort a category by <order>
    When the visitor follows "Stationery"
    And follows "<order>"
    Then the first product is "<first>"

    Examples:
      | order    | first               |
      | name     | Cuaderno de rayas   |
      | cheapest | Sacapuntas          |
      | dearest  | Pluma estilográfica |

  Scenario: Turn the pages of a large category
    When the visitor follows "Coffee and tea"
    Then 4 products are shown
    When the visitor follows "next"
    Then 3 products are shown
    And there is no link "next"
