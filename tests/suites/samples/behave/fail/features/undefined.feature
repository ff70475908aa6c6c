Feature: A step that nobody wrote

  Scenario: Undefined
    Given the number 1
    When the moon turns blue
    Then it is 1
