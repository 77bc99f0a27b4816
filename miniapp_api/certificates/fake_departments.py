"""Our own departments for development and tests: five systems behind one HTTP exchange.

POST /{department}/certificates/query   answers what the department knows
PUT  /behaviour   {"mode": …, "department": … or left out for all}; modes:
                  ok · not_found · refuse · slow · error · garbage · empty · wrong_person
PUT  /records     a certificate to know: {department, type, holder_name, holder_code, number?,
                  issued_on?, valid_from?, valid_until?, content?, authority?}; dates 20210108

The people are invented; their numbers are the examples of GB 11643 and GB 32100.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, get_args

from aiohttp import web

from miniapp_api.certificates import rules
from miniapp_api.certificates.rules import DEPARTMENTS, Department, HolderKind

SLOW_SECONDS = 30
MODES = frozenset(
    {"ok", "not_found", "refuse", "slow", "error", "garbage", "empty", "wrong_person"}
)
GARBAGE = b'{"result": "found", "certificate": {"certificate_type_no": 7, "certificate_validate'
STRANGER = ("欧阳晓东", "34052419800101001X")
AUTHORITIES: dict[Department, str] = {
    "police": "沈阳市公安局",
    "civil_affairs": "沈阳市民政局",
    "social_insurance": "沈阳市社会保险事业服务中心",
    "real_estate": "沈阳市不动产登记中心",
    "market_regulation": "沈阳市市场监督管理局",
}
NAMES = {
    "id-card": "居民身份证",
    "household-register": "居民户口簿",
    "driving-licence": "机动车驾驶证",
    "marriage-certificate": "结婚证",
    "social-security-card": "社会保障卡",
    "real-estate-certificate": "不动产权证书",
    "business-licence": "营业执照",
}
WANG, LI, COMPANY = (
    ("王小明", "11010519491231002X"),
    ("李梅", "440524188001010014"),
    ("沈阳好味道餐饮有限公司", "91350100M000100Y43"),
)
# department, type, holder, number, valid from, valid until, content
SEED: tuple[tuple[Department, str, tuple[str, str], str, str | None, str | None, dict], ...] = (
    ("police", "id-card", WANG, WANG[1], "20200301", "20400301", {"住址": "北京市朝阳区"}),
    ("police", "household-register", WANG, "370102001234", None, None, {"户别": "非农业家庭户口"}),
    ("police", "driving-licence", WANG, WANG[1], "20220510", "20280510", {"准驾车型": "C1"}),
    ("civil_affairs", "marriage-certificate", WANG, "J210102-2019-000123", None, None, {}),
    ("social_insurance", "social-security-card", WANG, "A00012345", None, None, {}),
    ("real_estate", "real-estate-certificate", WANG, "辽(2021)沈阳不动产权第0012345号", None, None,
     {"坐落": "沈阳市沈河区青年大街1号", "面积": "88.60平方米"}),
    ("police", "id-card", LI, LI[1], "20180601", "20380601", {"住址": "辽宁省沈阳市和平区"}),
    ("market_regulation", "business-licence", COMPANY, COMPANY[1], "20210601", None,
     {"类型": "有限责任公司", "法定代表人": WANG[0], "经营范围": "餐饮服务"}),
)  # fmt: skip


class FakeDepartments:
    """Keeps in memory what the five departments know, and how they behave."""

    def __init__(self) -> None:
        self.modes: dict[str, str] = dict.fromkeys(DEPARTMENTS, "ok")
        self.asked: Counter[str] = Counter()  # how often, by department
        self.records: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.reset()

    def reset(self) -> None:
        """Forget what was told, and know the seeded people."""
        self.modes = dict.fromkeys(DEPARTMENTS, "ok")
        self.asked.clear()
        self.records.clear()
        for department, type_id, (name, code), number, start, end, content in SEED:
            self.know(
                {
                    "department": department,
                    "type": type_id,
                    "holder_name": name,
                    "holder_code": code,
                    "number": number,
                    "valid_from": start,
                    "valid_until": end,
                    "content": content,
                }
            )

    def know(self, record: dict[str, Any]) -> None:
        """Know a certificate, or another one in its place."""
        key = (record["department"], record["type"], rules.plain_code(record["holder_code"]))
        self.records[key] = record

    def application(self) -> web.Application:
        """Return the aiohttp application."""
        app = web.Application()
        app.router.add_post("/{department}/certificates/query", self.answer)
        app.router.add_put("/behaviour", self.behave)
        app.router.add_put("/records", self.take)
        return app

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a question, or fail as told."""
        department = request.match_info["department"]
        if department not in self.modes:
            raise web.HTTPNotFound
        self.asked[department] += 1
        question = await request.json()
        match self.modes[department]:
            case "slow":
                await asyncio.sleep(SLOW_SECONDS)
            case "error":
                return web.json_response({"error": "database down"}, status=500)
            case "refuse":
                return web.json_response({"error": "no"}, status=403)
            case "garbage":
                return web.Response(body=GARBAGE, content_type="application/json")
            case "empty":
                return web.Response(body=b"")
            case "not_found":
                return web.json_response({"result": "not_found"})
        if not question.get("authorisation"):
            return web.json_response({"error": "not authorised"}, status=403)
        return self._found(department, question)

    def _found(self, department: str, question: dict[str, str]) -> web.Response:
        key = (department, question["type"], rules.plain_code(question["holder_code"]))
        record = self.records.get(key)
        if self.modes[department] == "wrong_person":
            name, code = STRANGER
            record = {**(record or {}), "department": department, "type": question["type"]}
            record |= {"holder_name": name, "holder_code": code}
        elif record is None or not rules.same_name(record["holder_name"], question["holder_name"]):
            return web.json_response({"result": "not_found"})
        return web.json_response({"result": "found", "certificate": certificate_of(record)})

    async def behave(self, request: web.Request) -> web.Response:
        """Switch the mode of one department, or of all."""
        told = await request.json()
        mode, department = told.get("mode"), told.get("department")
        if mode not in MODES or department not in (None, *DEPARTMENTS):
            return web.json_response({"error": "unknown mode or department"}, status=422)
        for each in (department,) if department else DEPARTMENTS:
            self.modes[each] = mode
        return web.json_response({"modes": self.modes})

    async def take(self, request: web.Request) -> web.Response:
        """Take a certificate to know."""
        record = await request.json()
        needed = {"department", "type", "holder_name", "holder_code"}
        if not needed <= set(record) or record["department"] not in get_args(Department):
            return web.json_response({"error": "fields are missing"}, status=422)
        self.know(record)
        return web.json_response({"known": len(self.records)})


def certificate_of(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record as the national list writes it; codes of types and organs are invented."""
    department: Department = record["department"]
    kind = record["type"]
    type_code, organ = "1121010000000000XX001", "11210100000000000X"
    serial = f"{sum(record['holder_code'].encode()) * 7919}{len(kind)}"
    name = record.get("name") or NAMES.get(kind, kind)
    is_enterprise = rules.plain_code(record["holder_code"])[0] == "9"
    holder_kind: HolderKind = "enterprise" if is_enterprise else "person"
    return {
        "certificate_identifier": rules.identifier(type_code, organ, serial, "001"),
        "certificate_type_no": kind,
        "certificate_number": record.get("number") or serial,
        "certificate_name": name,
        "certificate_version": "001",
        "certificate_type_name": name,
        "certificate_type_name_code": type_code,
        "certificate_issuing_authority_date": record.get("issued_on")
        or record.get("valid_from")
        or "20200101",
        "certificate_issuing_authority_name": record.get("authority") or AUTHORITIES[department],
        "certificate_issuing_authority_code": organ,
        "certificate_validate_start": record.get("valid_from"),
        "certificate_validate_end": record.get("valid_until"),
        "certificate_area_code": "210100",
        "certificate_holder_name": record["holder_name"],
        "certificate_holder_code": record["holder_code"],
        "certificate_holder_type": rules.HOLDER_TYPES[holder_kind][0],
        "extend_info": record.get("content") or {},
        "status": record.get("status") or "U",
    }
