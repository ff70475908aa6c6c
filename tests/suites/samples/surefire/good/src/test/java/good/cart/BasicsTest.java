package good.cart;

import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.*;

class BasicsTest {
	@Test
	void sameTitle() {
		assertEquals(2, 1 + 1);
	}

	@Test
	void adds() {
	}

	@Nested
	class WhenEmpty {
		@Test
		void holdsNothing() {
		}
	}
}
