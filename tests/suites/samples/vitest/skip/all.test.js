import { beforeAll, describe, it } from "vitest";

it.skip("one", () => {});

it.skip("two", () => {});
