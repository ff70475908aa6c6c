@manual
Feature: By hand

  Scenario: By hand
    Given the number 1
    When 1 is added
    Then it is 9
