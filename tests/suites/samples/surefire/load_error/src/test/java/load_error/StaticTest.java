package load_error;

import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.*;

class StaticTest {
	static final int LIMIT = Integer.parseInt("none");

	@Test
	void never() {
	}
}
