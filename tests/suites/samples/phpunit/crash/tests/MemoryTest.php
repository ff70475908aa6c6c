<?php

use PHPUnit\Framework\TestCase;

final class MemoryTest extends TestCase
{
    public function testPasses(): void
    {
        $this->assertTrue(true);
    }

    public function testIsFatal(): void
    {
        ini_set("memory_limit", "8M");
        str_repeat("x", 100000000);
    }
}
