import { beforeAll, describe, it } from "vitest";

