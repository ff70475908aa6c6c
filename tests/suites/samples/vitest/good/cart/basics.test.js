import { beforeAll, describe, it } from "vitest";

describe("Basics", () => {
  it("adds one", () => {});
  it("adds another", () => {});
});
