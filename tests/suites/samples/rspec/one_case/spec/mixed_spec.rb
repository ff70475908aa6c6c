RSpec.describe "mixed" do
  it("passes") { expect(1).to eq(1) }
  it("fails") { expect(1).to eq(2) }
end
