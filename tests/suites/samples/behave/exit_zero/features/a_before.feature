Feature: Before

  Scenario: Before
    Given the number 1
    When 1 is added
    Then it is 2
