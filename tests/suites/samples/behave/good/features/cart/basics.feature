Feature: Cart basics

  Scenario: Add one
    Given the number 1
    When 1 is added
    Then it is 2

  Scenario: Add another
    Given the number 2
    When 1 is added
    Then it is 3
