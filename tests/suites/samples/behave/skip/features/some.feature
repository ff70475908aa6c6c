Feature: Some of it runs

  Scenario: Runs
    Given the number 1
    When 1 is added
    Then it is 2

  @later
  Scenario: Does not
    Given the number 1
    When 1 is added
    Then it is 9
