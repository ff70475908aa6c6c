raise "while it is loaded"
