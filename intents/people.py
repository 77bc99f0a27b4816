"""Who and in what circumstances (人和情形): tags found in a sentence by written rules.

Each rule is a pattern over the normalised sentence. A match is dropped when the words right before
it deny it (没丢, 不是公司的) unless the pattern itself holds the denial (没工作).
"""

from __future__ import annotations

import re

_CHILD = "孩子|小孩|宝宝|宝贝|儿子|女儿|闺女|姑娘|小家伙|娃|大孙|孙子|孙女|外孙|新生儿|婴儿"
_PARENT = "爸妈|父母|爹妈|我爸|我妈|我爹|我娘|爸爸|妈妈|父亲|母亲|爷爷|奶奶|姥姥|姥爷|外公|外婆"
_ELDER = f"{_PARENT}|老人|老人家|老太太|老爷子|老头|岳父|岳母|公公|婆婆|丈母娘"
_SPOUSE = "老公|老婆|媳妇|丈夫|妻子|爱人|对象|配偶|我家那口子|孩子他爸|孩子他妈"
_OTHER = "朋友|同事|亲戚|邻居|哥哥|姐姐|弟弟|妹妹|我哥|我姐|我弟|我妹|叔叔|舅舅|姑姑|大姨|别人|他人"
_FOR = r"(?:给|帮|替|为|代|带|领)(?:我|我家|我们家|咱家|家里)?(?:的|那|这)?(?:个)?"
_GONE = "去世|过世|离世|逝世|没了|走了|不在了|病故|身故|死了|死亡|老了人"
_KIN = f"{_ELDER}|{_SPOUSE}|{_CHILD}|{_OTHER}|人|家属|亲人|职工"

# tag, pattern. Order does not matter: every rule is tried.
_RULES: tuple[tuple[str, str], ...] = (
    (
        "lost",
        r"丢(?:了|失|的|掉|没|$|在|哪)|遗失|挂失|丢失|(?<!人)(?<!爸)(?<!妈)(?<!爷)(?<!奶)(?:被偷|被盗|掉了|落在)",
    ),
    (
        "lost",
        r"(?:证|卡|本|照|执照|户口|票|牌|册|书|簿|章|材料|东西)(?:都|也|给|整|弄|又|让我)*没了",
    ),
    ("expired", r"过期|已?到期了|失效|超期|逾期|过了有效期|过了期限|有效期过了"),
    (
        "expiring",
        r"(?:快|要|将|马上|即将|眼看|下个?月|月底|明年|今年)(?:就|都)?要?(?:到期|过期)|快到日子",
    ),
    ("expiring", r"到期(?!了|后|时间|日)|期满"),
    (
        "damaged",
        r"坏了|损坏|破损|磁条|消磁|刷不出|读不出|读不了|芯片坏|断了|裂了|磨损|看不清|撕|洗了|掰",
    ),
    ("first_time", r"第一次|头一次|首次|头一回|初次|从来没办过|没办过|新办|初领|首办"),
    (
        "renewal",
        r"续(?:办|期|签|领|保|租|证|费|$)|换证|换领|换新|换一?个|期满换|延续|延期|更换|换发",
    ),
    ("change", r"变更|更改|更名|改名|改成|换名|修改|更正|改一?下|变更为|改姓"),
    (
        "for_child",
        rf"{_FOR}(?:{_CHILD})|(?:{_CHILD})(?:的|要|上|办|出生|刚|满|入|落|想|身份证|户口|医保|护照|社保)",
    ),
    (
        "for_elder",
        rf"{_FOR}(?:{_ELDER})|(?:{_ELDER})(?:的|要|办|年|岁|来不|腿|行动|身份证|户口|医保|社保|退休|想|岁数)",
    ),
    ("for_spouse", rf"{_FOR}(?:{_SPOUSE})|(?:{_SPOUSE})(?:的|要|办|身份证|户口|医保|护照|社保|想)"),
    ("for_other", rf"{_FOR}(?:{_OTHER})"),
    (
        "minor",
        r"未成年|未满1[0-8]|不满1[0-8]|(?<!\d)(?:[1-9]|1[0-7])周?岁(?!以上)|小学生|幼儿|婴儿|新生儿|刚出生|小孩|宝宝",
    ),
    (
        "non_local",
        r"外地|外省|异地|外来|非本地|非沈阳|不是(?:沈阳|本地|当地)|户口不在|户籍不在|省外|跨省|外市|农村来|老家在",
    ),
    (
        "local",
        r"(?<!不是)(?<!非)(?:本地户口|沈阳户口|本市户口|本地人|沈阳人|本市户籍|沈阳户籍|沈阳本地)",
    ),
    ("foreigner", r"外国人|外籍|老外|外国护照|外国籍"),
    ("hk_mo_tw", r"(?:香港|澳门|台湾|港澳台|港澳)(?:人|居民|同胞|身份|户籍)|台胞|港胞"),
    ("student", r"大学生|学生|在校|毕业生|研究生|读大学|上大学|念书"),
    ("veteran", r"退役|退伍|军人|复员|转业|当过兵|老兵|烈士|军属"),
    ("disabled", r"残疾|残障|腿脚不好|坐轮椅|行动不便|聋|盲人|瘫痪"),
    ("retired", r"退休(?!年龄|手续|证|审批)|离休"),
    ("unemployed", r"失业|下岗|没工作|没有工作|没班上|被裁|被辞退|无业|待业"),
    ("pregnant", r"怀孕|孕妇|怀了|待产|大肚子|有喜|预产期|生二胎|生三胎"),
    (
        "deceased",
        rf"(?:{_KIN})(?:刚|都|已经|前几天|上个?月|去年|今年|昨天)*(?:{_GONE})|去世|过世|离世|逝世|病故|身故|人没了",
    ),
    ("divorced", r"离婚(?!证|登记|冷静|手续|协议)|离异|离了婚|离完婚|单亲"),
    ("remarried", r"再婚|复婚|二婚"),
    ("company", r"公司|企业|单位(?!证明)|厂子|法人|我们厂|合伙"),
    ("sole_trader", r"个体户|个体工商|小卖部|小店|小吃店|摆摊|开个店|开店|小饭店|小超市"),
    ("urgent", r"着急|急用|加急|急着|尽快|赶紧|来不及|火急|很急|急办|马上要用|快点"),
    (
        "by_proxy",
        r"代办|代领|代为|代理|替我|帮我(?:去|领|取|办|跑)|替(?:他|她|别人|人)|委托|找人(?:办|去|领)|别人(?:去|来|办|领)",
    ),
    ("inherited", r"继承|遗产|留给我的|留下的房|过世.{0,6}房|去世.{0,6}房"),
    ("gifted", r"赠与|赠予|赠送|过给|送给(?:儿子|女儿|孩子|我)|过到(?:儿子|女儿|孩子|我)"),
    ("second_hand", r"二手"),
)
_COMPILED = tuple((tag, re.compile(pattern)) for tag, pattern in _RULES)
_DENIED = re.compile(
    r"(?:没有?|不是|不|未|并非|又没|还没|并没有?|不算|没有给|不用|别|非)(?:被|给|真的|到|有)?$"
)
_ALSO = {"for_child": (), "for_elder": ()}
_CARED = ("for_child", "for_elder", "for_spouse", "for_other")


def tags(text: str) -> frozenset[str]:
    """Tags (标签) of people and circumstances in a normalised sentence."""
    found = {tag for tag, pattern in _COMPILED if _holds(pattern, text)}
    if "expired" in found:
        found.discard("expiring")
    if "deceased" in found:  # 我妈的房子我妈去世了: the dead person is not whom it is done for
        found -= {"for_elder", "for_spouse"}
    if "by_proxy" in found and re.search(
        rf"(?:让|叫|喊)(?:我)?(?:{_CHILD}|{_SPOUSE}|{_ELDER})", text
    ):
        found -= set(_CARED)
    return frozenset(found)


def _holds(pattern: re.Pattern[str], text: str) -> bool:
    """Whether some match is not denied by the words right before it."""
    return any(not _DENIED.search(text[: match.start()]) for match in pattern.finditer(text))
