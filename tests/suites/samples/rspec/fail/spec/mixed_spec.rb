RSpec.describe "mixed" do
  it("passes") { expect(1).to eq(1) }
  it("fails") { expect("a\e[31mred\e[0m\x01 <&]]>").to eq("b") }
  it("raises") { raise ArgumentError, "boom" }
end
