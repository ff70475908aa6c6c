// A reporter beside the others of jest: which file it is at, a line each for tanda. See "progress" in
// docs/frameworks.md.
"use strict";
const { appendFileSync } = require("node:fs");
const { relative } = require("node:path");

const channel = process.env.TANDA_PROGRESS;
delete process.env.TANDA_PROGRESS; // what the tests themselves start is not to speak for them

function tell(word, test) {
  try {
    appendFileSync(channel, `${word}\t${process.hrtime.bigint()}\t${relative(process.cwd(), test.path)}\n`);
  } catch {
    // tanda does without
  }
}

module.exports = class {
  // jest 26 and before call these; later versions do so where there is no onTestFileStart.
  onTestStart(test) {
    tell("started", test);
  }

  onTestResult(test) {
    tell("done", test);
  }
};
