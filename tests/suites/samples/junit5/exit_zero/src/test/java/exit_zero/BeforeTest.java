package exit_zero;

import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.*;

class BeforeTest {
	@Test
	void passes() {
	}
}
