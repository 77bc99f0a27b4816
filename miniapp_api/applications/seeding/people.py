"""People and enterprises that do not exist (样例市民、样例企业). No I/O.

None of them can ever be met: mobile segment 160 is given to no operator, no division of the country
begins with 79. Number n is always the same person, so that a seed can be continued.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from uuid import UUID, uuid5

from miniapp_api.identity.rules import CREDIT_ALPHABET, ID_CHECK, ID_WEIGHTS

FAMILIES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅文博雨欣子涵浩然佳宁思远嘉怡晨"
DISTRICTS = ("和平区", "沈河区", "大东区", "皇姑区", "铁西区", "浑南区", "于洪区", "沈北新区")
STREETS = ("青年大街", "中街路", "文化路", "长江街", "兴华南街", "建设大路", "北陵大街", "三好街")
TRADES = ("餐饮", "科技", "贸易", "建筑", "物流", "医药", "咨询", "装饰", "机械", "传媒")
SEEDED = UUID("6d1f6d5e-5eed-4c4a-9d0c-0a5ec0de5eed")  # the namespace of all seeded ids
EARLIEST, SPAN_DAYS = date(1941, 1, 1), 64 * 365  # of birth


@dataclass(frozen=True)
class Person:
    """A citizen who does not exist (样例市民)."""

    id: UUID
    name: str
    id_number: str
    phone: str
    address: str


@dataclass(frozen=True)
class Company:
    """An enterprise that does not exist (样例企业), and its legal representative."""

    id: UUID
    name: str
    credit_code: str
    head: Person


def id_of(kind: str, number: int) -> UUID:
    """Return the id of the n-th seeded thing of a kind: the same whenever it is asked for.

    It is of version 5, made of a name; what citizens do gets random ids, of version 4. So nobody
    takes a seeded case for a real one.
    """
    return uuid5(SEEDED, f"{kind}:{number}")


def person(number: int) -> Person:
    """Return the n-th seeded citizen; there are ten million."""
    random = Random(f"person:{number}")  # noqa: S311 - nobody's secrets
    return Person(
        id=id_of("citizen", number),
        name=name(random),
        id_number=identity_number(random, number),
        phone=f"160{number:08d}",
        address=address(random),
    )


def company(number: int, head: Person) -> Company:
    """Return the n-th seeded enterprise."""
    random = Random(f"company:{number}")  # noqa: S311 - nobody's secrets
    words = "".join(random.choices(GIVEN, k=2))
    return Company(
        id=id_of("enterprise", number),
        name=f"沈阳{words}{random.choice(TRADES)}有限公司",
        credit_code=credit_code(number),
        head=head,
    )


def name(random: Random) -> str:
    """Return a name (姓名)."""
    return random.choice(FAMILIES) + "".join(random.choices(GIVEN, k=random.choice((1, 2, 2))))


def address(random: Random) -> str:
    """Return an address in the city (地址)."""
    house = f"{random.randint(1, 300)}号{random.randint(1, 9)}-{random.randint(1, 30)}-1"
    return f"沈阳市{random.choice(DISTRICTS)}{random.choice(STREETS)}{house}"


def identity_number(random: Random, number: int) -> str:
    """Return an identity number whose check character holds and that nobody has."""
    born = EARLIEST + timedelta(days=random.randrange(SPAN_DAYS))
    body = f"79{number // 1000 % 10000:04d}{born:%Y%m%d}{number % 1000:03d}"
    total = sum(weight * int(digit) for weight, digit in zip(ID_WEIGHTS, body, strict=True))
    return body + ID_CHECK[total % 11]


def credit_code(number: int) -> str:
    """Return a credit code (统一社会信用代码) whose check character holds and that nobody has."""
    body = f"91790100{number:09d}"
    total = sum(CREDIT_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + CREDIT_ALPHABET[(31 - total % 31) % 31]
