Feature: Rules

  Rule: Numbers grow

    Example: Six
      Given the number 5
      When 1 is added
      Then it is 6
