RSpec.describe("a") { it("same title") { expect("a").to end_with("a") } }
