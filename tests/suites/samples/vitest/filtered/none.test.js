import { beforeAll, describe, it } from "vitest";

it("other", () => {
  throw new Error("filtered out");
});
