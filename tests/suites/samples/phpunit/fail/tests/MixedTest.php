<?php

use PHPUnit\Framework\TestCase;

final class MixedTest extends TestCase
{
    public function testPasses(): void
    {
        $this->assertTrue(true);
    }

    public function testFails(): void
    {
        $this->assertSame("b", "a\x1b[31mred\x01 <&]]>");
    }

    public function testErrors(): void
    {
        throw new RuntimeException("boom");
    }
}
