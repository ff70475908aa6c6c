<?php

use PHPUnit\Framework\TestCase;

final class CrashTest extends TestCase
{
    public function testPasses(): void
    {
        $this->assertTrue(true);
    }

    public function testIsKilled(): void
    {
        posix_kill(posix_getpid(), SIGKILL);
    }

    public function testNever(): void
    {
        $this->assertTrue(true);
    }
}
