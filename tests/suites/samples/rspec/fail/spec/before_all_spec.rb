RSpec.describe "before all" do
  before(:all) { raise "no database" }
  it("never runs") { }
  it("neither") { }
end
