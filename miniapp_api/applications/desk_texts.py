"""What clerks can say with a click (常用语)."""

from __future__ import annotations

from miniapp_api.applications.rules import SpecialKind

PROBLEMS = {
    "missing": "没有提交，请补上",
    "unclear": "看不清楚，请重新拍照或扫描",
    "expired": "已经过期，请换有效的",
    "mismatch": "和填写的信息对不上，请核对",
    "format": "格式不对，请按要求填写或提交",
}
REASONS = {
    "refuse": ["不属于本部门的职权范围，请向有权办理的部门申请。", "不符合申请条件。"],
    "deny": ["经审查，不符合法定条件。", "现场核查不合格。"],
    "begin_special": ["需要现场核查。", "需要专家评审。", "依法举行听证。"],
}
SPECIAL_DEFAULT: SpecialKind = "inspection"
