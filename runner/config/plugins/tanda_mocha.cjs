// Required by mocha before anything else: which file it is at, a line each for tanda. See "progress" in
// docs/frameworks.md.
"use strict";
const { appendFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { join, relative } = require("node:path");

const channel = process.env.TANDA_PROGRESS;
delete process.env.TANDA_PROGRESS; // what the tests themselves start is not to speak for them

function tell(word, file) {
  try {
    appendFileSync(channel, `${word}\t${process.hrtime.bigint()}\t${relative(process.cwd(), file)}\n`);
  } catch {
    // tanda does without
  }
}

// A file's outermost suites, and its tests outside of any suite, are children of the root.
function listen(runner) {
  const told = (word) => (item) => item.parent?.root && item.file && tell(word, item.file);
  runner.on("suite", told("started")).on("suite end", told("done"));
  runner.on("test", told("started")).on("test end", told("done"));
}

try {
  // The mocha that runs is the project's.
  const { Runner } = createRequire(join(process.cwd(), "tests.js"))("mocha");
  const { run } = Runner.prototype;
  Runner.prototype.run = function (...args) {
    listen(this);
    return run.apply(this, args);
  };
} catch {
  // tanda does without
}
