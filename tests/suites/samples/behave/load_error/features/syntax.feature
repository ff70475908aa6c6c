Feature: Cannot be parsed

  Scenario: Broken
    Given the number 1
    Perhaps 1 is added
