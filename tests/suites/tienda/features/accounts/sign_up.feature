Feature: Sign up

  @smoke
  Scenario: A new customer is welcomed by mail
    When a visitor signs up as "Eva" with "eva@tienda.example" and password "seven green tables"
    Then the page is titled "Hello Eva"
    And "eva@tienda.example" gets a mail "Welcome to Tienda" that says
      | text      |
      | Hello Eva |
      | WELCOME10 |

  Scenario Outline: Password "<password>" is too weak
    When a visitor signs up as "Eva" with "eva@tienda.example" and password "<password>"
    Then the shop refuses: "<reason>"

    Examples:
      | password     | reason                                      |
      | short        | The password needs 10 characters or more.   |
      | aaaaaaaaaaaa | The password needs more different characters. |
      | password123  | Everybody knows this password.              |

  Scenario: The address is taken
    When a visitor signs up as "Ana" with "Ana@tienda.example" and password "seven green tables"
    Then the shop refuses: "There is an account with this e-mail address already."
