const { test: it } = require("@playwright/test");

it("works", () => {});
