import { beforeAll, describe, it } from "vitest";

import "./nowhere.js";

it("works", () => {});
