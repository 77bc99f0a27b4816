"""The words of date and time expressions (时间词): one pattern a rule, scanned in one pass.

The guards around a pattern keep apart what only looks like a date: 5号窗口, 三好街12号, 10-15天,
一周三次, 网上周三 (= 网上 + 周三), 查一下周三 (= 查一下 + 周三), 证明天津, 离我最近的派出所.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from intents import time_days as days
from intents import time_holidays as holidays
from intents.time_days import Groups, Handler

_CN = "一二两三四五六七八九十"
_NUMBER = f"(?:[0-9]{{1,3}}|[零俩仨{_CN}]{{1,3}})"
_DAY = f"(?:[0-9]{{1,2}}|[{_CN}]{{1,3}})"
_MONTH = "(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_YEAR = "(?:(?:19|20)[0-9]{2}|[0-9]{2}|[一二][零〇○九][零〇○一二三四五六七八九]{2})"
_START = (  # a numeral begins here, and not in the middle of another, but 周五 + 十二号
    f"(?<![0-9a-z.第几百千万])(?:(?=[0-9])|(?<!^[{_CN}])(?<![^周期拜其败][{_CN}]))"
)
_CLOCK_START = "(?<![0-9a-z.第几百千万])"
_TO = "(?:到|至|-|~|—)"
_UP = "(?<![早晚马网线身路楼以加赶约车晨])上{1,2}"
_DOWN = "(?<![一线楼私底台当剩留余])下{1,3}"
_WHICH = f"(?P<rel>{_DOWN}|{_UP}|这|(?<![成日基版书户资原])本)"
_WEEK = "(?:周|星期|礼拜|星其|里拜|礼败)"
_MONTH_PART = "(?P<part>初(?![一二三四五六七八九十])|上旬|中旬|下旬|底|末|中(?!国|介|心|间|学))"
_BIRTH = "(?!(?:那天)?(?:出生|生人|生的|生日|出世))"
_UNIT = "(?P<unit>工作日|天|日|周|星期|礼拜|月|年)"
_LATER = "(?:以后|之后|后)(?!来|续|果|面|台|悔|补)"
_NOT_NO = (  # 号 that is no day of the month: 15号窗口, 3号线
    "(?!窗|楼|线|门|院|柜|厅|桌|机|文|令|单元|码|铺|店|台|公告|房|室|库|位|牌|岗|仓|馆|地块|入口"
    "|出口|口|通道|员|病)"
)
_NOT_DAYS = (  # 日 that counts days or belongs to a word: 15日内, 一日三餐
    "(?!内|之内|以内|后|之后|以后|常|期|均|照|元|用|本|夜|间|报|游|结|薪|志|历|子|光|租|程|三餐|[两三]次)"
)
_NOT_UNIT = (  # what follows a decimal or a range that is no date: 12.5元, 10-15天
    "(?![0-9:%]|[./][0-9]|元|块|万|千|亿|平|米|折|倍|度|岁|小时|个|公|斤|分|级|版|亩|天|年|月|周"
    "|工作|人|份|张|次|页|点|时|楼)"
)
_NO_YEAR = "(?P<y>)(?P<rel>)"
_NO_RANGE = "(?P<d2>)"
_WITH_YEAR = f"(?:{_START}(?P<y>{_YEAR})年的?|(?P<rel>今年|明年|后年|去年|前年|来年)的?|{_START})"

_TOMORROW_GUARD = "(?<![证说申声表文透聪])"
_DAY_WORD = (
    "(?:天儿?(?!津|性|残|致|失|形|造|然|河|涯)|夭|日(?!期|程|常|报|照)|儿个?(?!子|女|媳|童|孙|科)"
    "|个儿?(?!月|人|体|税|星|礼|周|工|小|数|别|案|性))"
)
_SURNAME = "(?<![王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾])"
_HOLIDAY = (
    f"(?P<name>元旦|阳历年|春节|(?<![超不经通])过年|{_SURNAME}清明|端午|五月节|{_SURNAME}中秋|八月节"
    f"|八月十五(?![号日])|{_SURNAME}国庆|劳动节|五一(?!路|广场|街|商|公园|号|月|点|年|劳)"
    f"|(?<![{_CN}月周期拜第初百千双光])十一(?=前|后|之|以|期间|假|长假|节|放|黄金|过|能|上班)"
    f"|(?<![0-9{_CN}零百几多半去今明每当同近历周全整后个])年(?=[前后](?!年|景|任)))"
)
_HOLIDAY_TAIL = "节?(?!路|街|小区)(?:小?长假|黄金周|假期|期间|放假)?(?:期间)?"
_SOON_NEAREST = (
    "(?<!离)(?<!离我)(?<!离家)(?<!离我家)(?<!离这)(?<!离这儿)(?:最近|最早|最快(?!$))"
    "(?=的?(?:一天|一次|时间|号|空|就行|吧|[,.!?]|$)|能|可以|可约|哪天|几号|周几|啥时候?能|什么时候能"
    "|有(?:号|空|位|名额))"
)
_SOON = (
    f"尽快|尽早|越快越好|越早越好|{_SOON_NEAREST}"
    "|(?:随便)?(?:哪天|啥时候?|什么时候)都(?:行|可以|成|中|好)"
)
_APPOINTED = "(?=.{0,3}(?:约|去|来|有号|有空|有位|的号)|吧|$)"

_DAY_RULES: dict[str, tuple[str, Handler]] = {
    "pair": (
        "(?P<n>今(?=天?明)|明(?=天?后))天?(?P<n2>[明后])(?:[两俩]?[天日])",
        days.relative_day,
    ),
    "relative": (
        f"(?P<n>今|明|昨|大后|大前|(?<![今以之然最前先背随落])后|(?<![提之以目从先面年空])前){_DAY_WORD}"
        "(?P<n2>)",
        days.relative_day,
    ),
    "misspelt": ("(?<![地姓品书人命别报签])(?P<n>名)天(?P<n2>)", days.relative_day),
    "halfword": (
        f"(?P<n>今|昨|{_TOMORROW_GUARD}明)(?=早|晚(?!点|些|了|婚|年|育)|上午|下午|中午|晌|头午)(?P<n2>)",
        days.relative_day,
    ),
    "weekday": (
        f"(?:{_WHICH}一?个?|(?<![0-9几每双单半整多])(?<!^[{_CN}])(?<![^周期拜][{_CN}])(?<![{_CN}几半]个)){_WEEK}的?"
        "(?:(?P<day>[一二三四五六日天]|[1-7](?![0-9]))(?!期|气)|(?P<end>末))",
        days.week,
    ),
    "week": (
        f"{_WHICH}一?个?{_WEEK}(?!转|年|岁|边|围|期|密|知|全|刊|折|长|报)(?P<day>)(?P<end>)",
        days.week,
    ),
    "iso": (
        "(?<![0-9a-z./-])(?P<rel>)(?P<y>(?:19|20)[0-9]{2})[-/.](?P<m>[01]?[0-9])[-/.]"
        f"(?P<d>[0-3]?[0-9]){_NO_RANGE}(?![0-9])",
        days.full_date,
    ),
    "date": (
        f"{_WITH_YEAR}(?P<m>{_MONTH})月份?的?(?P<d>{_DAY})(?:[号日]?{_TO}(?P<d2>{_DAY}))?"
        f"(?:号{_NOT_NO}|日(?!内)){_BIRTH}",
        days.full_date,
    ),
    "bare_date": (
        f"{_WITH_YEAR}(?P<m>{_MONTH})月份?(?P<d>[0-9]{{1,2}}){_NO_RANGE}{_NOT_UNIT}(?![号日])",
        days.full_date,
    ),
    "dotted": (
        f"(?<![0-9a-z./:]){_NO_YEAR}(?![1-9][./][1-9](?![0-9号日]))(?P<m>1[0-2]|0?[1-9])[./]"
        f"(?P<d>3[01]|[12][0-9]|0?[1-9]){_NO_RANGE}(?:号{_NOT_NO}|日|(?!号){_NOT_UNIT})",
        days.full_date,
    ),
    "dashed": (
        f"(?<![0-9a-z./:-]){_NO_YEAR}(?P<m>1[0-2]|0?[1-9])-(?P<d>[0-3][0-9]){_NO_RANGE}"
        f"(?:号{_NOT_NO}|日|(?![号-]){_NOT_UNIT})",
        days.full_date,
    ),
    "after_holiday": (
        f"(?<![超不经通])过(?:完|了)(?:{_HOLIDAY}节?|(?P<any>[年节]))",
        holidays.after_holiday,
    ),
    "holiday_over": (
        "(?P<name>)(?P<any>)(?:放完假|收假|(?:放假|假期)结束)(?:以后|之后|后)?",
        holidays.after_holiday,
    ),
    "holiday": (f"{_HOLIDAY}{_HOLIDAY_TAIL}", holidays.named_holiday),
    "coming_holiday": (
        "(?<![季环细情章调春关枝音])节(?=[前后]|之后|之前|以后|以前)(?!后余)"
        "|放假(?=前|后|之后|之前|以后|以前)",
        holidays.coming_holiday,
    ),
    "next_workday": ("(?:下|最近的?)一?个工作日|最近的?工作日", days.next_workday),
    "year_end": (
        f"(?:(?:{_START}(?P<y>{_YEAR})|(?P<rel>[今明去后来]))年年?"
        f"|(?<![0-9{_CN}零百几多半去今明每当同近历周全整个大])年)(?P<part>底|末|初(?![{_CN}]))",
        days.year_end,
    ),
    "later": (
        f"{_START}(?<![满超每])(?P<n>几|{_NUMBER})个?{_UNIT}{_LATER}"
        f"|(?<![超不经通没错路])过(?P<n2>几|{_NUMBER})个?(?P<unit2>工作日|天|周|星期|礼拜|月|年)"
        "(?:以后|之后|后)?(?!没|未|才|仍|还|了)",
        days.days_later,
    ),
    "half_month": (f"(?<![一二两三四])(?P<n>)(?P<unit>半)个?月{_LATER}", days.days_later),
    "within": (
        f"{_START}(?<![满超每的过])(?P<n>几|{_NUMBER})个?(?P<unit>工作日|天|日|周|星期|礼拜)"
        f"(?:之内|以内|内){_APPOINTED}",
        days.within,
    ),
    "these_days": ("(?:这|最近|近|今后)(?P<few>[两几俩])[天日]", days.these_days),
    "later_today": ("一会儿|待会儿?|过会儿?", days.later_today),
    "soon": (_SOON, days.soon),
    "month_day": (
        f"{_WHICH}个?月的?(?P<d>{_DAY})(?:[号日]?{_TO}(?P<d2>{_DAY}))?"
        f"(?:号{_NOT_NO}|日{_NOT_DAYS}|(?<=[0-9]){_NOT_UNIT})",
        days.month_day,
    ),
    "day": (
        r"(?<![0-9a-z.第几百千万月路街巷道段院区栋座楼门东南西北心厦〔〕\])-])(?<!叫到)(?<!排到)(?<!轮到)"
        f"(?<![每次]一){_START}(?P<rel>)(?P<d>{_DAY})(?:[号日]?{_TO}(?P<d2>{_DAY}))?"
        f"(?:号{_NOT_NO}|日{_NOT_DAYS}){_BIRTH}",
        days.month_day,
    ),
    "month": (
        f"{_WITH_YEAR}(?<![近前满每])(?P<m>{_MONTH})月(?:份?的?{_MONTH_PART}"
        f"|(?P<whole>份?)(?![0-9{_CN}]|初|龄|嫂|子|饼|租|供|结|卡|节)){_BIRTH}",
        days.month,
    ),
    "this_month": (f"{_WHICH}个?月(?!{_CN})(?P<y>)(?P<m>)(?:的?{_MONTH_PART})?", days.month),
    "month_part": (
        f"(?<![0-9{_CN}个每满半岁])(?P<rel>)(?P<y>)(?P<m>)月{_MONTH_PART}",
        days.month,
    ),
}


_HOUR = "(?:2[0-4]|[01]?[0-9])"
_CN_HOUR = "(?:二十[一二三四]?|十[一二]?|[四五六七八九])"
_MINUTE = (
    "(?:(?P<minute>半|一刻|三刻|[0-5][0-9]|[0-9](?=分)|[二三四五]?十[一-九]?|零[一-九]|[一-九](?=分))"
    "分?|整|钟)"
)
_MINUTE = _MINUTE.replace("[一-九]", "[一二三四五六七八九]")  # a range would take in most hanzi
_NOT_REMARKS = f"(?![0-9零{_CN}]|意见|建议|要求|问题|原因|疑问|内容|说明|钱|都不|儿)"
_LONE_HOUR = (  # 一点 and 两点 also mean a bit and two remarks: only where an hour is likely
    "(?:^|(?<=[约到在改换选成午上晌晚,是天日儿号个末一二三四五六的]))(?P<small>[一二两三])点"
    "(?=$|[吧吗呗呢,.!?行可能到至去来的左以之前后办我有给帮取见开预没不多-])(?!都不)"
)

_OTHER_RULES: dict[str, str] = {
    "hours": (
        f"{_CLOCK_START}(?:(?P<h>{_HOUR}|{_CN_HOUR}|[一二两三]){_TO}(?:{_HOUR}|{_CN_HOUR}|[一二两三])"
        "|(?P<pair>[一两三四五六七八九](?=[两三四五六七八九十]点))[两三四五六七八九十])点(?:钟|之间)?"
        f"{_NOT_REMARKS}"
    ),
    "clock": (
        f"{_CLOCK_START}(?P<h>{_HOUR}|{_CN_HOUR}|[一二两三])[点时]{_MINUTE}(?!候|间)"
        r"|(?<![0-9:.])(?P<h2>[01]?[0-9]|2[0-3]):(?P<minute2>[0-5][0-9])(?![0-9:])"
        rf"|{_CLOCK_START}(?P<h3>{_HOUR}|{_CN_HOUR})点{_NOT_REMARKS}"
        rf"|{_CLOCK_START}(?P<h4>{_HOUR})时(?!间|候|限|长|效|段|常|代|期|刻|辰|[0-9])"
        rf"|{_LONE_HOUR}"
    ),
    "part": (
        "(?<!每天)(?:(?P<morning>大?(?:上[午舞](?!班)|早[上晨晌]|清早|一大?早(?!就)|清晨)|头[午晌]"
        "|[上前]半[晌天]|凌晨|(?<=[今明昨天儿])早(?!点|些|就|已|退|产))"
        "|(?P<noon>中午|晌午|正午|午间)"
        "|(?P<afternoon>下[午舞](?!茶)|午后|[下后过]晌|[下后]半[晌天])"
        "|(?P<evening>晚上|傍晚|夜里|夜间|晚间|(?<!一)下黑(?!色)|傍黑|(?<=[今明昨天儿])晚(?!点|些|了|婚|年|育)))"
    ),
    "nth": (
        f"(?:的|上班|开工)*(?:第(?P<n>{_DAY})个?|(?P<first>头一?个?|首个?)|(?P<last>最后一?个?))"
        "(?:工作日|上班日|上班天|天)"
    ),
    "before": (
        "以前|之前|(?P<eve>[前头]一天|前一个工作日)"
        "|前(?!天|台|面|期|往|来|后|任|妻|夫|提|年|几|进|半|两|三)"
    ),
    "after": "过后|结束(?:以后|之后|后)?"
    "|(?:以后|之后|后)(?!天|来|续|果|面|期|台|人|悔|儿|补|事|门|代|退|缀|半|边)",
    "to": "一?直?[到至]|-|~|—",
}


@dataclass(frozen=True)
class Token:
    """One word of an expression and where it stands; handler is set when it names days."""

    kind: str
    found: Groups
    begin: int
    stop: int
    handler: Handler | None = None


_PATTERNS = {name: pattern for name, (pattern, _) in _DAY_RULES.items()} | _OTHER_RULES
_HANDLERS = {name: handler for name, (_, handler) in _DAY_RULES.items()}
_FIRST = (  # characters that a word can begin with: most of a sentence is passed over at once
    f"[0-9{_CN}零俩仨几半今明昨前后大名下上这本周星礼里去来过元阳春清端国劳年放收假节最个工近待越尽随哪啥什月"
    "早头凌中晌正午晚夜间傍黑的开第首以之结直到至~—-]"
)
_SCAN = re.compile(
    f"(?={_FIRST})(?:"
    + "|".join(
        f"(?P<{name}>{re.sub(r'[(][?]P<[a-z0-9]+>', '(?:', pattern)})"
        for name, pattern in _PATTERNS.items()
    )
    + ")"
)


def scan(text: str) -> list[Token]:
    """Find the words of date and time expressions in a folded sentence without spaces."""
    return [_token(text, match) for match in _SCAN.finditer(text)]


@cache
def _rule(kind: str) -> re.Pattern[str]:
    """Compile a rule when it first hits; the scanner itself has no inner groups."""
    return re.compile(_PATTERNS[kind])


def _token(text: str, hit: re.Match[str]) -> Token:
    kind = hit.lastgroup or ""
    match = _rule(kind).match(text, hit.start())
    found = match.groupdict(default="") if match else {}
    return Token(kind, found, hit.start(), hit.end(), _HANDLERS.get(kind))
