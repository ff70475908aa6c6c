package fail;

import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.*;

class MixedTest {
	@Test
	void passes() {
	}

	@Test
	void fails() {
		assertEquals("b", "a\u001b[31mred <&]]>");
	}

	@Test
	void raises() {
		throw new IllegalStateException("boom");
	}
}
