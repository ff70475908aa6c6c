import { beforeAll, describe, it } from "vitest";

it("kills its process", () => {
  process.kill(process.pid, "SIGKILL");
});
