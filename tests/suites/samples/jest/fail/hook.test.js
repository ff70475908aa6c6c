describe("hooks", () => {
  beforeAll(() => {
    throw new Error("set-up breaks");
  });

  it("never starts", () => {});
});
