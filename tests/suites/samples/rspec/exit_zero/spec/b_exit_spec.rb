RSpec.describe "exit" do
  it("passes") { }
  it("leaves") { exit!(0) }
  it("never runs") { }
end
