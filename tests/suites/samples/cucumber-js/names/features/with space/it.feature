Feature: with space

  Scenario: Fine
    Given the number 1
    When 1 is added
    Then it is 2
