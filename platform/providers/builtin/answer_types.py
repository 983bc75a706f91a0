"""Types of answers in English and Chinese, with patterns of their questions and sentences.

The classification follows Li and Roth, "Learning Question Classifiers" (COLING 2002): number, date,
person, place, reason. Words of the question are no answer, so a year in a question does not count
as its date. A question without a known type has no pattern, and does not rank sentences.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_MAX_QUESTION_CHARACTERS: Final = 2_000
_DIGITS: Final = r"(?:\d[\d,.]{0,15}|[〇零一二三四五六七八九十百千万萬亿億两兩半]{1,10})"
_NUMBER_WORDS: Final = (
    r"\b(?i:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    r"|seventeen"
    r"|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?"
    r"|billions?"
    r"|dozens?|half|once|twice|a third|a quarter|no)\b"
)
_NUMBER: Final = rf"{_DIGITS}|{_NUMBER_WORDS}"
_MONTHS: Final = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)"
)
_DATE: Final = (
    rf"\b(?:1\d|20)\d\d\b(?!\s?(?:元|euros?|%|km|kg))|\b\d{{1,2}}(?:st|nd|rd|th)?\s{_MONTHS}\b"
    rf"|\b{_MONTHS}\s\d{{1,2}}\b"
    rf"|\b\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{1,4}}\b|{_DIGITS}\s?(?:年代?|月|日|号|號|世纪|世紀|点|點|时|時)"
    r"|(?:周|週|星期|礼拜)[一二三四五六日天]|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?\b"
    r"|\b\d{1,2}(?::\d\d)?\s?[ap]\.?m\b"
    r"|\b(?:today|yesterday|tomorrow|century|centuries|noon|midnight|decades?)\b|[朝岁歲]|时期|時期|之前|以前|之后"
    r"|之後|以后|以後|期间|期間"
)
_TIME_UNIT: Final = (
    r"(?:(?:个|個)?(?:工作)?(?:年|月|日|天|周|週|星期|小时|小時|分钟|分鐘|秒|时|時)|\s?(?:working |business )?"
    r"(?:years?|months?|days?|weeks?|hours?|minutes?|seconds?|h|min|s)\b)"
)
_MONEY_UNIT: Final = (
    r"(?:[万萬亿億]?(?:元|圆|圓|块|塊|美金|欧元|歐元|英镑|英鎊|日元)|\s?(?:millions?|billions?|thousands?)?\s?"
    r"(?:euros?|dollars?|pounds?|yen|yuan|cents?|EUR|USD|CNY|RMB|GBP)\b|\s?[€$£¥])"
)
_LENGTH_UNIT: Final = (
    r"(?:\s?(?:mm|cm|m|km|ft|in|mi|µm|kg|g|t|lbs?|°|N|kN|MPa|bar|V|A|W|kW)\b|\s?(?:metres?|meters?|miles?|feet|foot"
    r"|inch(?:es)?"
    r"|kilomet\w+|centimet\w+|millimet\w+|degrees?|acres?|hectares?|tons?|tonnes?|kilograms?|pounds?|square|cubic)\b"
    r"|(?:平方|立方)?(?:公里|千米|厘米|毫米|英里|公尺|米|尺|公顷|公頃|英亩|英畝|度|吨|噸|公斤|千克|克))"
)
_NAME: Final = r"(?<![.!?]\s)(?<!^)\b(?!I\b)[A-Z][\w'’-]+|^[A-Z]\w+\s(?:[A-Z][\w'’-]+|(?:van|von|de|of|al|bin|da)\b)"
_SURNAMES: Final = (
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林高罗羅郑鄭梁谢謝宋唐许許邓鄧韩韓冯馮曹彭曾肖萧蕭田董潘袁蔡蒋蔣余"
    "于杜叶葉程魏苏蘇吕呂丁任卢盧姚沈钟鍾姜崔谭譚陆陸范汪廖石金韦韋贾賈夏付方邹鄒熊白孟秦邱侯江尹薛闫雷龙龍史陶贺賀毛郝顾顧龚邵"
    "万覃武钱戴严莫孔向常汤"
)
_PERSON_HAN: Final = (
    rf"(?:[由经經向报報请請找与與和为為是]|[，。：；、“《\s]|^)[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}"
    rf"|[\u4e00-\u9fff]·[\u4e00-\u9fff]"
    r"|(?:经理|經理|主任|部长|部長|主席|总统|總統|总裁|總裁|教授|博士|先生|女士|院长|院長|校长|校長|书记|書記|局长"
    r"|局長|皇帝|国王|國王|王子"
    r"|将军|將軍|导演|導演|作家|科学家|負責人|负责人|董事[长長]|秘书|秘書|教练|教練|队长|隊長|部门|部門|委员会"
    r"|委員會|科室|领导|領導)"
)
_PLACE_HAN: Final = (
    r"[\u4e00-\u9fff\d](?:省|市|县|縣|区|區|州|国|國|岛|島|山|河|江|湖|海|路|街|巷|楼|樓|室|层|層|院|馆|館|站|港|洲"
    r"|镇|鎮|乡|鄉|村|大学|大學|学校|學校|公司"
    r"|中心|机场|機場|广场|廣場|公园|公園|仓库|倉庫|办公室|辦公室|窗口|机房|機房|部)|位于|位於|坐落|(?:送|交|寄|运"
    r"|運|存放|设|設)(?:至|到|于|於|在)|在.{1,20}(?:内|中|上|处|處|举行|舉行)"
)


@dataclass(frozen=True, slots=True)
class AnswerType:
    """A type of answer, with the patterns of questions for it and of sentences that have one.

    `certainty` is the reliability of the pattern `answer`, from 0 to 1: high for figures, lower for
    names.
    """

    name: str
    question: re.Pattern[str]
    answer: re.Pattern[str]
    certainty: float

    def found_in(self, sentence: str, known: str) -> bool:
        """Whether `sentence` has an answer of this type that is not in `known`, the known words."""
        return any(match.group().strip() not in known for match in self.answer.finditer(sentence))


# The first matching type applies, so narrow types come first.
_ANSWER_TYPES: Final = (
    AnswerType(
        "duration",
        re.compile(
            r"\bhow (?:long (?!is\b|are\b|was\b|were\b)|many (?:\w+ )?(?:years|months|weeks|days|hours|minutes"
            r"|seconds)\b|soon)"
            r"|多久|多[长長]时间|多[长長]時間|[几幾]个?個?(?:工作)?(?:年|月|天|日|周|週|小时|小時|分钟|分鐘)|多少(?:年"
            r"|个月|個月|天|日|周|小时|小時|分钟|分鐘)|期限|时限|時限|有效期",
            re.IGNORECASE,
        ),
        re.compile(
            rf"(?:{_NUMBER}|[多数數几幾]|\b(?:several|many|few))\s?{_TIME_UNIT}|\buntil\b|一直到|直至|直到"
        ),
        0.6,
    ),
    AnswerType(
        "money",
        re.compile(
            r"\bhow much (?:money|does|do|did|is|are|was|were|will|would|can|may)\b|\bwhat (?:is|are|was"
            r"|were) the (?:\w+ ){0,4}?(?:price|cost|fee|fare"
            r"|salary|wage|allowance|fine|deposit|budget|revenue|amount|limit|rate)\b|多少[钱錢元]|(?:费|費|价|價|金额"
            r"|金額|补助|補助|补贴|補貼|津贴|津貼|工资|工資"
            r"|薪|成本|罚款|罰款|押金|预算|預算|收入|限额|限額)[^？?]{0,8}(?:多少|[几幾]|是什么|为何)",
            re.IGNORECASE,
        ),
        re.compile(
            rf"[€$£¥]\s?\d|(?:{_NUMBER})(?:\s(?:hundred|thousand|million|billion))?{_MONEY_UNIT}"
        ),
        0.8,
    ),
    AnswerType(
        "percentage",
        re.compile(
            r"\bwhat (?:percentage|percent|share|proportion|fraction)\b|百分之[几幾多]|(?:比例|比率|利率|税率|稅率"
            r"|率)[^？?]{0,6}(?:多少|[几幾])|[几幾]成",
            re.IGNORECASE,
        ),
        re.compile(
            rf"\d\s?%|\d\s?％|百分之|\bper\s?cent\b|(?:{_NUMBER})成|\b(?:half|third|quarter)s?\b"
            rf"|[一二三四五六七八九]分之"
        ),
        1.0,
    ),
    AnswerType(
        "year",
        re.compile(
            r"\b(?:what|which) year\b|哪一?年|何年|年份|幾年[的]?时候|哪[个個]年[份代]|哪年",
            re.IGNORECASE,
        ),
        re.compile(r"\b1\d\d\d\b|\b20\d\d\b|\d{2,4}\s?年|[〇零一二三四五六七八九十]{2,4}年|年代"),
        1.0,
    ),
    AnswerType(
        "date",
        re.compile(
            r"\b(?:when|what (?:year|date|day|month|time|decade|century)|(?:in )?which (?:year|month|day|century))\b"
            r"|[何什甚][时時]|什么时|什麼時"
            r"|哪[一]?[天日月]|[几幾][月号號点點]|哪[个個]?(?:年|世纪|世紀|月|日|时|時|朝)|多[会會]儿?|日期|何日|时间是"
            r"|時間是|多少年代",
            re.IGNORECASE,
        ),
        re.compile(_DATE),
        0.9,
    ),
    AnswerType(
        "size",
        re.compile(
            r"\bhow (?:tall|high|far|deep|wide|big|large|heavy|thick|long|fast)\b|多[高远遠深宽寬大重厚快]|(?:面积|面積"
            r"|长度|長度|高度|重量|深度|宽度|寬度|距离|距離|扭矩|温度|溫度|压力|壓力)[^？?]{0,6}(?:多少|[几幾])",
            re.IGNORECASE,
        ),
        re.compile(rf"(?:{_NUMBER}){_LENGTH_UNIT}|(?:{_NUMBER})(?:多|余|餘)?"),
        0.8,
    ),
    AnswerType(
        "number",
        re.compile(
            r"\bhow (?:many|much|old|often|few)\b|\bwhat (?:is|was|are|were) the (?:\w+ ){0,3}?(?:number|population|age"
            r"|temperature|distance|score|size|total)\b"
            r"|多少|[几幾](?!乎|何|率|内|內)|多[长長久大]|[数數]量|人数|人數|次数|次數",
            re.IGNORECASE,
        ),
        re.compile(_NUMBER),
        1.0,
    ),
    AnswerType(
        "person",
        re.compile(
            r"\b(?:who|whom|whose)\b|[谁誰]|哪[一]?[位人]|何人|什么人|什麼人|哪[个個](?:人|部门|部門|单位|單位)|(?:负责"
            r"|負責)人|哪名",
            re.IGNORECASE,
        ),
        re.compile(rf"{_NAME}|{_PERSON_HAN}"),
        0.5,
    ),
    AnswerType(
        "place",
        re.compile(
            r"\bwhere\b|\b(?:what|which) (?:city|country|state|place|town|county|region|province|river|continent"
            r"|building|room|floor|street|area)\b"
            r"|哪[里裡裏儿兒]|何[处處地]|什么地方|什麼地方|哪[一]?[个個](?:国|國|城|地|省|市|区|區|洲|州|岛|島|县|縣)"
            r"|哪[国國省市州县縣]|地[点點址]",
            re.IGNORECASE,
        ),
        re.compile(
            rf"{_NAME}|{_PLACE_HAN}|\b(?:floor|room|building|street|office|desk|counter|warehouse)\b"
        ),
        0.3,
    ),
    AnswerType(
        "reason",
        re.compile(
            r"\bwhy\b|\bwhat (?:is|was|are|were) the (?:\w+ )?(?:reasons?|causes?|purpose)\b|\bwhat (?:caused|causes)\b"
            r"|[为為][什甚何][么麼]?|怎么会|原因|何故|缘故|緣故|目的",
            re.IGNORECASE,
        ),
        re.compile(
            r"\b(?i:because|since|due to|as a result|result(?:s|ed)? (?:in|from)|so that|in order to|owing to|therefore"
            r"|thus|caused?|to (?:avoid|prevent|ensure))\b"
            r"|因[为為此而]?|由于|由於|所以|[为為]了|以便|从而|從而|导致|導致|使得|以免|避免|原因"
        ),
        0.7,
    ),
)


@lru_cache(maxsize=256)
def answer_type(question: str) -> AnswerType | None:
    """Return the type of answer that `question` asks for; None if it is unknown."""
    beginning = question[:_MAX_QUESTION_CHARACTERS]
    return next((kind for kind in _ANSWER_TYPES if kind.question.search(beginning)), None)
