describe("Suite with (regex) [characters] ^$ * + ? {1} | \\ .", () => {
  it("with space", () => {});
  it("<&\"'> ]]>", () => {});
  it("a > b", () => {});
  it("ünï 日本", () => {});
  it("100% {ids} $HOME `touch p` ;", () => {});
  it("same", () => {});
  it("same", () => {});
});
