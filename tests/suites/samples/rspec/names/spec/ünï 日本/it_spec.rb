RSpec.describe("it") { it("passes") { } }
