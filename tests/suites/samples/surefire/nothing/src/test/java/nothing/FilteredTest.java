package nothing;

import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.*;

class FilteredTest {
	@Test
	@Tag("slow")
	void slow() {
		fail("not selected");
	}
}
