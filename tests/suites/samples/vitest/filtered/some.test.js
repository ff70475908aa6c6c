import { beforeAll, describe, it } from "vitest";

it("wanted @smoke", () => {});

it("other", () => {
  throw new Error("filtered out");
});
