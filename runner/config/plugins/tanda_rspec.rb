# Required by rspec before the specs are loaded: which example it is at, lines for tanda. See "progress"
# in docs/frameworks.md.
channel = ENV.delete("TANDA_PROGRESS") # what the tests themselves start is not to speak for them

teller = Class.new do
  define_method(:tell) do |word, example|
    now = Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)
    # A shared example is of the file that includes it; tanda knows it by that file, or by its place in it.
    id = example.id.delete_prefix("./")
    lines = [id[/\A(.*)\[/m, 1], id].map { |name| "#{word}\t#{now}\t#{name}\n" }
    File.open(channel, File::WRONLY | File::APPEND) { |out| out.write(lines.join) }
  rescue SystemCallError
    # tanda does without
  end

  define_method(:example_started) { |told| tell("started", told.example) }
  define_method(:example_finished) { |told| tell("done", told.example) }
end

if channel
  RSpec.configure do |config|
    # By then the formatters are there; earlier, rspec would add one of its own.
    config.before(:suite) do
      RSpec.configuration.reporter.register_listener(teller.new, :example_started, :example_finished)
    end
  end
end
