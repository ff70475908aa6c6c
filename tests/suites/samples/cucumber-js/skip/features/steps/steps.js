// Steps of the samples.
const assert = require("node:assert");
const { Given, When, Then } = require("@cucumber/cucumber");

Given("the number {int}", function (number) {
  this.number = number;
});

When("{int} is added", function (number) {
  this.number += number;
});

Then("it is {int}", function (number) {
  assert.strictEqual(this.number, number, `${this.number} is not ${number}: <&> "quoted"`);
});

When("the step breaks", function () {
  throw new TypeError("no database");
});

When("the step is pending", function () {
  return "pending";
});

When("the scenario is skipped", function () {
  return "skipped";
});

When("the process dies", function () {
  process.kill(process.pid, "SIGKILL");
  return new Promise((resolve) => setTimeout(resolve, 5000)); // nothing may follow
});

When("the process leaves with 0", function () {
  process.exit(0);
});
