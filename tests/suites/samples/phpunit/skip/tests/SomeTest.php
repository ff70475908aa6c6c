<?php

use PHPUnit\Framework\TestCase;

final class SomeTest extends TestCase
{
    public function testPasses(): void
    {
        $this->assertTrue(true);
    }

    public function testSkips(): void
    {
        $this->markTestSkipped("later");
    }

    public function testIncomplete(): void
    {
        $this->markTestIncomplete("not yet");
    }
}
