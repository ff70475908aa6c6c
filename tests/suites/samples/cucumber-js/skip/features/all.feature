Feature: Nothing of it runs

  Scenario: One
    When the scenario is skipped
