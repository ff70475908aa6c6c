<?php

use PHPUnit\Framework\TestCase;

final class TitlesTest extends TestCase
{
    /** @dataProvider titles */
    public function testTitle(bool $ok): void
    {
        $this->assertTrue($ok);
    }

    public static function titles(): array
    {
        return [
            "with space" => [true],
            "<&\"'>" => [true],
            "(a+b)? [x] {y} ^$|" => [true],
            "ünï 日本" => [true],
            "]]>" => [true],
        ];
    }
}
