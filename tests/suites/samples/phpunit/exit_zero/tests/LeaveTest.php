<?php

use PHPUnit\Framework\TestCase;

final class LeaveTest extends TestCase
{
    public function testPasses(): void
    {
        $this->assertTrue(true);
    }

    public function testLeaves(): void
    {
        exit(0);
    }

    public function testNever(): void
    {
        $this->assertTrue(true);
    }
}
