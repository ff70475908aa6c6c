Feature: No scenario yet
  Only words.
