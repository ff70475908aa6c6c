const { test: it } = require("@playwright/test");

it.describe("hooks", () => {
  it.beforeAll(() => {
    throw new Error("set-up breaks");
  });

  it("never starts", () => {});
});
