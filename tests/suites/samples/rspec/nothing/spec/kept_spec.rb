RSpec.describe "kept" do
  it("is fast", :fast) { }
  it("is slow", :slow) { raise }
end
