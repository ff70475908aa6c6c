<?php

use PHPUnit\Framework\TestCase;

final class KeptTest extends TestCase
{
    /** @group fast */
    public function testIsFast(): void
    {
        $this->assertTrue(true);
    }

    /** @group slow */
    public function testIsSlow(): void
    {
        $this->fail();
    }
}
