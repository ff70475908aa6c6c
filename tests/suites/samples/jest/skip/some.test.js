it("works", () => {});

it.skip("one", () => {});
