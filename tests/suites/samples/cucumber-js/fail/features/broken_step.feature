Feature: A step that breaks

  Scenario: Breaks
    Given the number 1
    When the step breaks
    Then it is 1
