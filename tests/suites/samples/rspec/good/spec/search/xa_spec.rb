RSpec.describe("xa") { it("same title") { expect("xa").to end_with("a") } }
