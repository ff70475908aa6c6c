RSpec.describe "all" do
  xit("is left out") { }
  it("skips") { skip "later" }
end
