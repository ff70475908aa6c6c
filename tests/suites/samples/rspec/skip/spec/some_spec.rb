RSpec.describe "some" do
  it("passes") { }
  it("skips") { skip "later" }
  pending("fails as it should") { raise "not yet" }
end
