const { test: it } = require("@playwright/test");

require("./nowhere");

it("works", () => {});
