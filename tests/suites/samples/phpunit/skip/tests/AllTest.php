<?php

use PHPUnit\Framework\TestCase;

final class AllTest extends TestCase
{
    public function testSkips(): void
    {
        $this->markTestSkipped("later");
    }
}
