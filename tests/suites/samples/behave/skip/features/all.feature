@later
Feature: Nothing of it runs

  Scenario: One
    Given the number 1
    When 1 is added
    Then it is 9

  Scenario: Two
    Given the number 1
    When 1 is added
    Then it is 9
