describe("Basics", () => {
  it("adds one", () => {});
  it("adds another", () => {});
});
