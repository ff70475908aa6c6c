// A reporter beside the others of Playwright: which file it is at, a line each for tanda. See "progress"
// in docs/frameworks.md.
"use strict";
const { appendFileSync } = require("node:fs");
const { relative } = require("node:path");

const channel = process.env.TANDA_PROGRESS;
delete process.env.TANDA_PROGRESS; // what the tests themselves start is not to speak for them

function tell(word, test) {
  try {
    appendFileSync(channel, `${word}\t${process.hrtime.bigint()}\t${relative(process.cwd(), test.location.file)}\n`);
  } catch {
    // tanda does without
  }
}

// When Playwright is stopped, it begins and ends all that it did not come to; no worker has those.
module.exports = class {
  onTestBegin(test, result) {
    if (result.workerIndex >= 0) tell("started", test);
  }

  onTestEnd(test, result) {
    if (result.workerIndex >= 0 && result.status !== "interrupted") tell("done", test);
  }

  printsToStdio() {
    return false;
  }
};
