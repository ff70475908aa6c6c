Feature: A keyword with a slip of the pen is a description

  Scenaro: Typo
    Given the number 1
