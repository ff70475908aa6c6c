const { test: it } = require("@playwright/test");

