Feature: A step that is not finished

  Scenario: Pending
    When the step is pending
