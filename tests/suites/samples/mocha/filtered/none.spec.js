it("other", () => {
  throw new Error("filtered out");
});
