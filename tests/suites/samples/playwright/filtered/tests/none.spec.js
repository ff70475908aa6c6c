const { test: it } = require("@playwright/test");

it("other", () => {
  throw new Error("filtered out");
});
