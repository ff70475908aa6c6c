// Serves JSON on a free port while the rest of the command line runs, which is told where; who asks for /crash is killed.
const { spawn } = require("node:child_process");
const http = require("node:http");

const server = http.createServer((request, response) => {
  if (request.url === "/crash") return child.kill("SIGKILL");
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ path: request.url }));
});
let child;
server.listen(0, "127.0.0.1", () => {
  const base = `http://127.0.0.1:${server.address().port}`;
  const [program, ...args] = process.argv.slice(2);
  child = spawn(program, [...args, "--env-var", `base=${base}`], { stdio: "inherit" });
  child.on("exit", (code, signal) => process.exit(signal ? 1 : code));
});
