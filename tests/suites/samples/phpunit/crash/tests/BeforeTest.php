<?php

use PHPUnit\Framework\TestCase;

final class BeforeTest extends TestCase
{
    public function testPasses(): void
    {
        $this->assertTrue(true);
    }
}
