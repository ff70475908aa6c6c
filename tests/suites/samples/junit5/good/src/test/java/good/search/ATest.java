package good.search;

import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.*;

class ATest {
	@Test
	void sameTitle() {
	}
}
