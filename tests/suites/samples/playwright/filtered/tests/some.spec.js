const { test: it } = require("@playwright/test");

it("wanted @smoke", () => {});

it("other", () => {
  throw new Error("filtered out");
});
