RSpec.describe("filtered") { it("is slow", :slow) { raise } }
