<?php

use PHPUnit\Framework\TestCase;

final class RiskyTest extends TestCase
{
    public function testAssertsNothing(): void
    {
        // a "risky" test: phpunit calls it an error in its report, and exits 0
    }
}
