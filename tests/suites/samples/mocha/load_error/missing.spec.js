require("./nowhere");

it("works", () => {});
