package crash;

import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.*;

class BeforeTest {
	@Test
	void passes() {
	}
}
