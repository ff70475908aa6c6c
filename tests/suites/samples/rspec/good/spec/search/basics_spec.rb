RSpec.describe "basics" do
  it("same title") { expect("a").to include("a") }
end
