RSpec.describe("syntax") { it("never ends" }
