Feature: The same, and it fails

  Scenario: ]]>
    Given the number 1
    When 1 is added
    Then it is 3
