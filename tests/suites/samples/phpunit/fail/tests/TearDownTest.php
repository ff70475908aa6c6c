<?php

use PHPUnit\Framework\TestCase;

final class TearDownTest extends TestCase
{
    public static function tearDownAfterClass(): void
    {
        throw new RuntimeException("cannot clean");
    }

    public function testPasses(): void
    {
        $this->assertTrue(true);
    }
}
