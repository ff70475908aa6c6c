Feature: Delivery address

  Background:
    Given Ana is logged in
    And she has 1 of "BOO-01" in the cart

  Scenario Outline: The <field> is missing
    When she orders by card without the <field>
    Then the shop refuses: "Please fill in the <field>."

    Examples:
      | field  |
      | street |
      | city   |

  Scenario Outline: Postcode <postcode> is none of <country>
    When she orders by card to <country> with postcode "<postcode>"
    Then the shop refuses: "This is not a postcode of <country>."

    Examples:
      | country        | postcode |
      | Spain          | 53001    |
      | Canary Islands | 28001    |
      | Portugal       | 1000     |
