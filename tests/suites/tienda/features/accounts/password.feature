Feature: A new password

  Scenario: Forgotten, and reset by mail
    Given Ana asked for a new password
    When she follows the link in the mail and chooses "seven green tables"
    And a visitor logs in as "ana@tienda.example" with password "seven green tables"
    Then the page is titled "Hello Ana García"

  Scenario: The link works once
    Given Ana asked for a new password
    When she follows the link in the mail and chooses "seven green tables"
    And she follows the link in the mail and chooses "eight green tables"
    Then the shop refuses: "This link is not valid any more."

  Scenario: The link works for an hour
    Given Ana asked for a new password
    When 1 day passes
    And she follows the link in the mail and chooses "seven green tables"
    Then the shop refuses: "This link is not valid any more."

  Scenario: An unknown address learns nothing
    When a visitor asks for a new password for "nobody@tienda.example"
    Then the shop says "If we know this address, a link is on its way."

  Scenario: Changed by the customer, confirmed by mail
    Given Ana is logged in
    When she changes her password from "correct horse" to "seven green tables"
    Then the shop says "Your password is changed."
    And "ana@tienda.example" gets a mail "Your password was changed" that says
      | text               |
      | If this was not you |
