it("wanted @smoke", () => {});

it("other", () => {
  throw new Error("filtered out");
});
