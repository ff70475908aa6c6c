// programs.cc - all of the sample's test programs in one: its name says which tests it holds, so that a compiler runs
// only once. A program is a copy of it, as `build` lays them out.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include <unistd.h>

namespace {

std::string name;

// The test "SUITE.NAME" of this program; `body` is what it does.
class Body : public testing::Test {
public:
	explicit Body(void (*body)()) : body_(body) {}
	void TestBody() override { body_(); }

private:
	void (*body_)();
};

// Suites with and without set-up for all of their tests are of different classes to GoogleTest.
class Unconnected : public Body {
public:
	using Body::Body;
	static void SetUpTestSuite() { FAIL() << "no database"; }
};

template <class Fixture = Body> void add(const char *suite, const char *test, void (*body)())
{
	testing::RegisterTest(suite, test, nullptr, nullptr, __FILE__, __LINE__,
	                      [=]() -> Fixture * { return new Fixture(body); });
}

class NoEnvironment : public testing::Environment {
	void SetUp() override { FAIL() << "no network"; }
};

void pass() {}

void add_tests()
{
	if (name == "mixed_test") {
		add("Mixed", "Passes", pass);
		add("Mixed", "Fails", [] { EXPECT_EQ(std::string("a\x1b[31mred\x01 <&]]>"), "b"); });
		add("Mixed", "Throws", [] { throw std::runtime_error("boom"); });
	} else if (name == "suite_test") {
		add<Unconnected>("Suite", "Never", pass);
	} else if (name == "environment_test") {
		testing::AddGlobalTestEnvironment(new NoEnvironment);
		add("Environment", "Never", pass);
	} else if (name == "some_test") {
		add("Some", "Passes", pass);
		add("Some", "Skips", [] { GTEST_SKIP() << "later"; });
		add("Some", "DISABLED_Off", [] { FAIL(); });
	} else if (name == "all_test") {
		add("All", "Skips", [] { GTEST_SKIP() << "later"; });
	} else if (name == "crash_test") {
		add("Crash", "Passes", pass);
		add("Crash", "IsKilled", [] { raise(SIGSEGV); });
		add("Crash", "NeverRuns", pass);
	} else if (name == "leave_test") {
		add("Leave", "Passes", pass);
		add("Leave", "Leaves", [] { _exit(0); });
		add("Leave", "NeverRuns", pass);
	} else if (name == "kept_test") {
		add("Kept", "Fast", pass);
		add("Kept", "Slow", [] { FAIL() << "not selected"; });
	} else if (name == "filtered_test") {
		add("Filtered", "Slow", [] { FAIL() << "not selected"; });
	} else if (name == "titles_test") {
		add("All/Titles", "Works/0", pass);
		add("All/Titles", "Works/with space", pass);
		add("All/Titles", "<&\"'> (a+b)? [x] {y} ^$|", pass);
		add("Ünï 日本", "]]>", pass);
	} else if (name != "empty_test") {
		add("Basics", "SameTitle", pass);
	}
}

} // namespace

int main(int argc, char **argv)
{
	name = argv[0];
	name = name.substr(name.rfind('/') + 1);
	testing::InitGoogleTest(&argc, argv);
	add_tests();
	return RUN_ALL_TESTS();
}
