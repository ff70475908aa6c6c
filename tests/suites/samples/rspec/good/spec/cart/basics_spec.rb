RSpec.describe "basics" do
  it("same title") { expect(1 + 1).to eq(2) }
  it("adds") { expect([1] + [2]).to eq([1, 2]) }
end
