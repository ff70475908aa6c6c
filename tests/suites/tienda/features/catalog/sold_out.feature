Feature: Sold out for now
  Whoever asks is told by mail when a product is back.

  Background:
    Given "eva@tienda.example" wants to know when "TEA-04" is back

  Scenario: It is back
    When the staff restocks "TEA-04" with 12
    Then "eva@tienda.example" gets a mail "Rooibos con vainilla is back" that says
      | text             |
      | We have 12 again |
    And product "TEA-04" has 12 in stock

  Scenario: Everybody who asked is told
    Given "ivo@tienda.example" wants to know when "TEA-04" is back
    When the staff restocks "TEA-04" with 1
    Then "eva@tienda.example" gets a mail "Rooibos con vainilla is back" that says
      | text            |
      | We have 1 again |
    And "ivo@tienda.example" gets a mail "Rooibos con vainilla is back" that says
      | text            |
      | We have 1 again |
