package nothing;

import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.*;

class EmptyTest {
}
