Feature: Fine, but the run breaks before it

  Scenario: Fine
    Given the number 1
    When 1 is added
    Then it is 2
