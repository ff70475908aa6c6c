Feature: star*
  Fails, unlike the files that its name matches as a glob.

  Scenario: Fine
    Given the number 1
    When 1 is added
    Then it is 3
