Feature: Mixed

  Scenario: Right
    Given the number 1
    When 1 is added
    Then it is 2

  Scenario: Wrong
    Given the number 1
    When 1 is added
    Then it is 3
