// Breaks before all.
const { BeforeAll } = require("@cucumber/cucumber");

BeforeAll(function () {
  throw new Error("no database");
});
