Feature: VAT
  Every price includes the tax of its category: books 4 %, food 10 %, the rest 21 %.

  Scenario Outline: VAT of <sku>
    When a visitor opens product "<sku>"
    Then the VAT note says "includes <vat> VAT (<rate> %)"

    Examples:
      | sku    | rate | vat    |
      | BOO-01 | 4    | 1.23 € |
      | CAF-01 | 10   | 0.63 € |
      | STA-02 | 21   | 4.60 € |
