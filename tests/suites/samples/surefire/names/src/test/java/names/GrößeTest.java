package names;

import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.*;

class GrößeTest {
	@Test
	void passes() {
	}
}
