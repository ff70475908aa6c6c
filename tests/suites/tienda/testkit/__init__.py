"""What the scenarios and the API tests have in common: a running shop, a browser, patience."""
