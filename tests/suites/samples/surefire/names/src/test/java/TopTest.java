import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.*;

class TopTest {
	@Test
	void passes() {
	}
}
