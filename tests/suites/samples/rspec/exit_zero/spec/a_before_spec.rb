RSpec.describe("before") { it("passes") { } }
