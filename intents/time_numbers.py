"""Numerals in date expressions (日期里的数字): below 100, or row by row as in 二零二六."""

from __future__ import annotations

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")}
_DIGITS |= {"〇": 0, "○": 0, "两": 2, "俩": 2, "仨": 3, "十": 10}


def number(text: str) -> int:
    """Read a numeral below 100, or a row of digits (中文数字): 十五, 二十, 二零二六, 15."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.partition("十")
    return (row(tens) if tens else 1) * 10 + row(ones) if ten else row(text)


def row(text: str) -> int:
    """Read digit by digit (逐位): 二零二六 = 2026."""
    value = 0
    for char in text:
        value = value * 10 + (int(char) if char.isdecimal() else _DIGITS[char])
    return value
