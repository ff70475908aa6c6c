describe("Basics", () => {
  it("adds one", () => {});
});
