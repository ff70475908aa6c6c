Feature: A title that behave 1.2.6 writes into CDATA as it stands

  Scenario: ]]>
    Given the number 1
    When 1 is added
    Then it is 2
