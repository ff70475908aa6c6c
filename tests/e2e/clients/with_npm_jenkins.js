// One cycle by npm's `jenkins`: MODULES URL USER TOKEN CONFIG_XML; prints what it saw as JSON.
const [modules, url, user, token, config] = process.argv.slice(2);
const Jenkins = require(`${modules}/jenkins`);

async function until(valueOf) {
  for (;;) {
    const value = await valueOf();
    if (value && !(Array.isArray(value) && value.length === 0)) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function main() {
  const place = new URL(url);
  place.username = user;
  place.password = token;
  const server = new Jenkins({ baseUrl: place.href.replace(/\/$/, ""), crumbIssuer: true });
  const executable = async (number) => (await until(async () => (await server.queue.item(number)).executable)).number;
  const ended = async (job, number) => {
    await until(async () => !(await server.build.get(job, number)).building);
    return server.build.get(job, number);
  };
  const job = "folder/cycle";
  const seen = {};
  await server.job.create("folder", "<com.cloudbees.hudson.plugins.folder.Folder/>");
  await server.job.create(job, config);
  const first = await executable(await server.job.build({ name: job, parameters: { KEY: "one", SECS: "0" } }));
  seen.log = await new Promise((resolve, reject) => {
    let text = "";
    const stream = server.build.logStream(job, first, { delay: 20 });
    stream.on("data", (piece) => (text += piece));
    stream.on("error", reject);
    stream.on("end", () => resolve(text));
  });
  const build = await ended(job, first);
  seen.result = build.result;
  seen.artifacts = build.artifacts.map((one) => one.relativePath);
  const login = { Authorization: `Basic ${Buffer.from(`${user}:${token}`).toString("base64")}` };
  seen.artifact = await (await fetch(`${build.url}artifact/out/key`, { headers: login })).text();
  const second = await executable(await server.job.build({ name: job, parameters: { KEY: "two", SECS: "600" } }));
  const waiting = await server.job.build({ name: job, parameters: { KEY: "three", SECS: "0" } });
  seen.waits = (await until(() => server.queue.list())).map((item) => item.id === waiting);
  await server.queue.cancel(waiting);
  seen.cancelled = (await server.queue.item(waiting)).cancelled;
  await server.build.stop(job, second);
  seen.stopped = (await ended(job, second)).result;
  seen.builds = (await server.job.get(job)).builds.map((one) => one.number);
  seen.nodes = (await server.node.list()).map((node) => node.displayName).sort();
  seen.label = (await server.label.get("linux")).totalExecutors;
  await server.node.disable("agent", "rest");
  seen.offline = (await server.node.get("agent")).offline;
  await server.job.disable(job);
  seen.disabled = await server.job.build({ name: job, parameters: { KEY: "four" } }).then(
    () => false, (error) => error.statusCode === 409);
  await server.job.destroy(job);
  seen.left = await server.job.exists(job);
  console.log(JSON.stringify(seen));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
