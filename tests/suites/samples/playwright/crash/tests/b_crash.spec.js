const { test: it } = require("@playwright/test");

it("kills its process", () => {
  process.kill(process.pid, "SIGKILL");
});
