Feature: Crash

  Scenario: Before
    Given the number 1
    When 1 is added
    Then it is 2

  Scenario: Crash
    Given the number 1
    When the process dies

  Scenario: After
    Given the number 1
    When 1 is added
    Then it is 2
