package nothing;

import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.*;

class KeptTest {
	@Test
	@Tag("fast")
	void fast() {
	}

	@Test
	@Tag("slow")
	void slow() {
		fail("not selected");
	}
}
