<?php

use PHPUnit\Framework\TestCase;

final class BasicsTest extends TestCase
{
    public function testSameTitle(): void
    {
        $this->assertSame(2, 1 + 1);
    }

    public function testAdds(): void
    {
        $this->assertCount(2, [1, 2]);
    }
}
