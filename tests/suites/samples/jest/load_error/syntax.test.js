it("works", () => {
