Feature: Odd "titles" <&> ]]>

  Scenario: with space
    Given the number 1
    When 1 is added
    Then it is 2

  Scenario: it's
    Given the number 1
    When 1 is added
    Then it is 2

  Scenario: say "hi"
    Given the number 1
    When 1 is added
    Then it is 2

  Scenario: a.b
    Given the number 1
    When 1 is added
    Then it is 2

  Scenario: a+b
    Given the number 1
    When 1 is added
    Then it is 2

  Scenario: [x]
    Given the number 1
    When 1 is added
    Then it is 2

  Scenario: (y)*
    Given the number 1
    When 1 is added
    Then it is 2

  Scenario: ^z$
    Given the number 1
    When 1 is added
    Then it is 2

  Scenario: one|two
    Given the number 1
    When 1 is added
    Then it is 2

  Scenario: back\slash
    Given the number 1
    When 1 is added
    Then it is 2

  Scenario: -k
    Given the number 1
    When 1 is added
    Then it is 2

  Scenario: --name
    Given the number 1
    When 1 is added
    Then it is 2

  Scenario: <&>
    Given the number 1
    When 1 is added
    Then it is 2

  Scenario: ]]>
    Given the number 1
    When 1 is added
    Then it is 2

  Scenario: ñandú
    Given the number 1
    When 1 is added
    Then it is 2

  Scenario: 日本
    Given the number 1
    When 1 is added
    Then it is 2

  Scenario: {id}
    Given the number 1
    When 1 is added
    Then it is 2

  Scenario: %s
    Given the number 1
    When 1 is added
    Then it is 2

  Scenario: Twice
    Given the number 1
    When 1 is added
    Then it is 2

  Scenario: twice
    Given the number 1
    When 1 is added
    Then it is 2
