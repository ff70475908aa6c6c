it("works", () => {});

it("fails", () => {
  throw new Error("\u001b[31mred\u001b[0m ]]> \u0000 <b>&");
});
