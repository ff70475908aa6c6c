package fail;

import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.*;

class BeforeAllTest {
	@BeforeAll
	static void connect() {
		throw new IllegalStateException("no database");
	}

	@Test
	void never() {
	}

	@Test
	void neither() {
	}
}
