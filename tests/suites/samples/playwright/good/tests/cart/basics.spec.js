const { test: it } = require("@playwright/test");

it.describe("Basics", () => {
  it("adds one", () => {});
  it("adds another", () => {});
});
