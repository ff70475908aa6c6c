Feature: xa

  Scenario: Add one
    Given the number 1
    When 1 is added
    Then it is 2
