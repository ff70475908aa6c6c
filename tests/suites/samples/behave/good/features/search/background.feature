Feature: Background

  Background:
    Given the number 5

  Scenario: Six
    When 1 is added
    Then it is 6

  Scenario: Seven
    When 2 is added
    Then it is 7
