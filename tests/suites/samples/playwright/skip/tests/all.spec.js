const { test: it } = require("@playwright/test");

it.skip("one", () => {});

it.skip("two", () => {});
