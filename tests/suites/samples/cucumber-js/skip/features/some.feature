Feature: Some of it runs

  Scenario: Runs
    Given the number 1
    When 1 is added
    Then it is 2

  Scenario: Does not
    When the scenario is skipped
