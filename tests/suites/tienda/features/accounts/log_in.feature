Feature: Log in

  @smoke
  Scenario: In and out again
    Given Ana is logged in
    When she follows "Log out"
    Then there is a link "Log in"
    And there is no link "My orders"

  Scenario: A wrong password
    When a visitor logs in as "ana@tienda.example" with password "wrong horse"
    Then the shop refuses: "E-mail address or password is wrong."

  Scenario: Three wrong passwords lock the account for a while
    When a visitor logs in 3 times as "ana@tienda.example" with password "wrong horse"
    And a visitor logs in as "ana@tienda.example" with password "correct horse"
    Then the shop refuses: "Too many attempts. Please wait 15 minutes."
    When 1 day passes
    And a visitor logs in as "ana@tienda.example" with password "correct horse"
    Then the page is titled "Hello Ana García"
