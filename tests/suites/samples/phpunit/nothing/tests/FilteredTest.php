<?php

use PHPUnit\Framework\TestCase;

final class FilteredTest extends TestCase
{
    /** @group slow */
    public function testIsSlow(): void
    {
        $this->fail();
    }
}
