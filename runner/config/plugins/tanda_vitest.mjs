// Run exactly these files with vitest: its command line takes a file's name for a part of any path,
// so that a.test.js would run xa.test.js too. Arguments: the report, the list of files, vitest's own.
// On the way it tells tanda where it is: see "progress" in docs/frameworks.md.
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { createVitest, parseCLI } from "vitest/node";

const [report, list, ...args] = process.argv.slice(1);
const wanted = new Set(readFileSync(list, "utf8").split("\n"));
const channel = process.env.TANDA_PROGRESS;
delete process.env.TANDA_PROGRESS; // what the tests themselves start is not to speak for them
const tell = (word, module) => {
  try {
    appendFileSync(channel, `${word}\t${process.hrtime.bigint()}\t${relative(process.cwd(), module.moduleId)}\n`);
  } catch {
    // tanda does without
  }
};
const teller = {
  onTestModuleStart: (module) => tell("started", module),
  onTestModuleEnd: (module) => tell("done", module),
};
process.env.TEST = process.env.VITEST = "true";
process.env.NODE_ENV ??= "test";
const { options } = parseCLI(["vitest", "run", ...args]);
const vitest = await createVitest("test", {
  ...options,
  watch: false,
  fileParallelism: false,
  reporters: ["default", "junit", ...(channel ? [teller] : [])],
  outputFile: { junit: report },
});
// The names of these calls have changed between major versions.
const init = vitest.standalone ?? vitest.init;
const glob = vitest.globTestSpecifications ?? vitest.globTestSpecs;
const run = vitest.runTestSpecifications ?? vitest.runFiles;
try {
  await init.call(vitest);
  const all = await glob.call(vitest);
  const chosen = all.filter((spec) => wanted.has(spec.moduleId ?? spec[1]));
  if (chosen.length > 0) await run.call(vitest, chosen, true);
  else writeFileSync(report, "<testsuites/>");
} catch (error) {
  console.error(error);
  process.exitCode = 2;
} finally {
  await vitest.close();
}
