RSpec.describe "titles" do
  ["with space", "<&\"'>", "(a+b)? [x] {y} ^$|", "#hash", "ünï 日本", "]]>"].each do |title|
    it(title) { }
  end
end
