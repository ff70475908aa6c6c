package fail;

import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.*;

class FineTest {
	@Test
	void passes() {
	}
}
