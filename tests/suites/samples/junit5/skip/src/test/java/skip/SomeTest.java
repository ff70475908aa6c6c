package skip;

import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.*;

class SomeTest {
	@Test
	void passes() {
	}

	@Test
	@Disabled("later")
	void later() {
	}

	@Test
	void assumes() {
		Assumptions.assumeTrue(false, "not here");
	}
}
