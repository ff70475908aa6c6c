describe("hooks", () => {
  before(() => {
    throw new Error("set-up breaks");
  });

  it("never starts", () => {});
});
