RSpec.describe("fine") { it("passes") { expect(1).to eq(1) } }
