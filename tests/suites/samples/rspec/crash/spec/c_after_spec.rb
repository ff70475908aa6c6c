RSpec.describe("after") { it("passes") { } }
