Feature: Ends in the middle with exit code 0

  Scenario: Leave
    Given the number 1
    When the process leaves with 0
