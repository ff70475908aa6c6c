@slow
Feature: The search index follows the catalog
  The index is built anew a moment after the staff changed something.

  Background:
    Given a visitor searched "horchata"
    And the search finds 0

  Scenario: A new product can be found
    When the staff adds product "TEA-05" called "Horchata de chufa"
    Then a search for "horchata" finds 1 before long

  Scenario: A withdrawn product disappears
    When the staff withdraws product "TEA-01"
    Then a search for "sencha" finds 0 before long

  Scenario: A renamed product is found by its new name only
    When the staff adds product "TEA-03" called "Horchata de Valencia"
    Then a search for "horchata" finds 1 before long
    And a search for "manzanilla" finds 0 before long
