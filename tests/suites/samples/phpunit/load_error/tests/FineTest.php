<?php

use PHPUnit\Framework\TestCase;

final class FineTest extends TestCase
{
    public function testPasses(): void
    {
        $this->assertTrue(true);
    }
}
