Feature: What is in a cart is reserved
  There is one knife left. Who puts it into the cart first has it for 15 minutes.

  Background:
    Given "Carla" with 1 of "KIT-05" in the cart

  Scenario: The last piece is gone for the others
    When "Diego" adds 1 of "KIT-05"
    Then the shop refuses: "Cuchillo jamonero is sold out."

  Scenario: The reservation ends
    When 1 day passes
    And "Diego" adds 1 of "KIT-05"
    Then the cart holds 1 of "Cuchillo jamonero"
