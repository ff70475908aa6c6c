<?php

use PHPUnit\Framework\TestCase;

final class ItTest extends TestCase
{
    public function testSameTitle(): void
    {
        $this->assertSame(2, 1 + 1);
    }
}
