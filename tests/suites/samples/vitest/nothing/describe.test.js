import { beforeAll, describe, it } from "vitest";

describe("nothing", () => {});
