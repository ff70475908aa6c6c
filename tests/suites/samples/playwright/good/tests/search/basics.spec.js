const { test: it } = require("@playwright/test");

it.describe("Basics", () => {
  it("adds one", () => {});
});
it("shows a page", async ({ page }) => {
  await page.setContent("<p>2</p>");
  if ((await page.textContent("p")) !== "2") throw new Error("it shows something else");
});
