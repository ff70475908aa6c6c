Feature: Search basics

  Scenario: Add one
    Given the number 1
    When 1 is added
    Then it is 2

  @smoke
  Scenario Outline: Add to <number>
    Given the number <number>
    When 1 is added
    Then it is <sum>

    Examples:
      | number | sum |
      | 3      | 4   |
      | 4      | 5   |
