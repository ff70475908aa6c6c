RSpec.describe("fine") { it("passes") { } }
