import { beforeAll, describe, it } from "vitest";

it("works", () => {});
