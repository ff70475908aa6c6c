Feature: ünï 日本

  Scenario: Fine
    Given the number 1
    When 1 is added
    Then it is 2
