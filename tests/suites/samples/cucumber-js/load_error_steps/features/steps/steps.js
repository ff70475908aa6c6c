// Cannot be loaded.
require("no-such-module-anywhere");
