const { test: it } = require("@playwright/test");

it.describe("nothing", () => {});
