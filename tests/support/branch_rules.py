"""Rules of a company's branches, alike but for branch, year, figures, dates, names and rooms, with questions.

The sentence that answers does not repeat the words of the question: branch, year and subject stand
in title, heading and the lines above. Made by rule, as files of several layouts in both languages.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final

from support.office_files import docx, paragraph

YEARS: Final = (2021, 2022, 2023, 2024)
LAYOUTS: Final = ("markdown", "flat", "word", "table")
_STYLES: Final = "".join(
    f'<w:style w:type="paragraph" w:styleId="h{level}"><w:name w:val="heading {level}"/></w:style>'
    for level in (1, 2)
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the name of the file that answers it, and the words that the answer must hold."""

    text: str
    document: str
    answer: str


@dataclass(frozen=True, slots=True)
class _Wording:
    branches: tuple[str, ...]
    names: tuple[str, ...]
    title: str
    lines: tuple[str, ...]
    chapters: tuple[tuple[str, tuple[str, ...]], ...]
    questions: tuple[tuple[str, str], ...]
    columns: tuple[str, str]
    items: tuple[tuple[str, str], ...]
    item_questions: tuple[tuple[str, str], ...]


_CHINESE: Final = _Wording(
    branches=("广州分公司", "上海分公司", "成都分公司", "沈阳分公司", "西安分公司"),
    names=("张伟", "李娜", "王芳", "陈建国", "赵敏"),
    title="{branch}差旅管理规定（{year}年）",
    lines=("适用单位：{branch}", "执行年度：{year}年"),
    chapters=(
        (
            "第一章 总则",
            ("本规定适用于{branch}全体员工。", "{year}年{branch}的差旅费标准按本规定执行。"),
        ),
        (
            "第二章 住宿费",
            (
                "本章规定住宿费的标准和报销办法。",
                "员工出差的，每人每晚不超过{rooms}元。",
                "超出标准的部分由本人承担。",
                "发票应当在返程后{days}日内提交。",
            ),
        ),
        (
            "第三章 伙食补助",
            ("本章规定伙食补助的标准和发放办法。", "按实际天数计发，每人每天{meals}元。"),
        ),
        (
            "第四章 审批",
            (
                "本章规定出差申请的审批权限。",
                "部门负责人初审后报{name}批准。",
                "未经批准不得预订机票。",
            ),
        ),
        (
            "第五章 单据",
            ("本章规定单据的交接。", "原件一律送至{floor}楼财务室。", "复印件不作为报销凭证。"),
        ),
        ("第六章 附则", ("本规定由人事部负责解释。", "自{year}年{month}月1日起施行。")),
    ),
    questions=(
        ("{year}年{branch}的住宿费标准是多少？", "{rooms}元"),
        ("{branch}{year}年出差每天的伙食补助是多少钱？", "{meals}元"),
        ("{year}年{branch}的住宿费发票要在几天内提交？", "{days}日"),
        ("{year}年{branch}的出差申请由谁批准？", "{name}"),
        ("{year}年{branch}的单据原件交到哪里？", "{floor}楼财务室"),
        ("{year}年{branch}的差旅管理规定什么时候开始施行？", "{year}年{month}月1日"),
    ),
    columns=("项目", "标准"),
    items=(
        ("住宿费", "每人每晚{rooms}元"),
        ("伙食补助", "每人每天{meals}元"),
        ("发票提交期限", "返程后{days}日内"),
    ),
    item_questions=(
        ("{year}年{branch}的住宿费标准是多少？", "{rooms}元"),
        ("{year}年{branch}的伙食补助是多少？", "{meals}元"),
    ),
)
_ENGLISH: Final = _Wording(
    branches=("Lyon branch", "Porto branch", "Gdansk branch", "Leeds branch", "Bergen branch"),
    names=("Anna Kowalska", "Peter Hughes", "Maria Santos", "Erik Dahl", "Claire Martin"),
    title="Travel rules of the {branch} ({year})",
    lines=("Applies to: {branch}", "Year: {year}"),
    chapters=(
        (
            "1 General",
            (
                "These rules apply to all staff of the {branch}.",
                "Travel of the {branch} in {year} follows them.",
            ),
        ),
        (
            "2 Hotel allowance",
            (
                "This chapter sets out the hotel allowance and how it is claimed.",
                "Up to {rooms} euros are paid for each night.",
                "Staff pay the rest themselves.",
                "Receipts are handed in within {days} days of the return.",
            ),
        ),
        (
            "3 Meals",
            (
                "This chapter sets out the allowance for meals.",
                "Everyone receives {meals} euros for each day away.",
            ),
        ),
        (
            "4 Approval",
            (
                "This chapter sets out the approval of travel.",
                "Requests go to {name} before anything is booked.",
            ),
        ),
        (
            "5 Originals",
            (
                "This chapter sets out where originals are kept.",
                "They are taken to the finance office on floor {floor}.",
            ),
        ),
        (
            "6 Final provisions",
            (
                "The personnel department explains these rules.",
                "They take effect on 1 {month_name} {year}.",
            ),
        ),
    ),
    questions=(
        ("How much is the hotel allowance of the {branch} in {year}?", "{rooms} euros"),
        ("What is the allowance for meals in the {branch} in {year}?", "{meals} euros"),
        (
            "Within how many days are hotel receipts of the {branch} handed in in {year}?",
            "{days} days",
        ),
        ("Who approves travel in the {branch} in {year}?", "{name}"),
        ("Where are originals kept in the {branch} in {year}?", "floor {floor}"),
        (
            "When do the travel rules of the {branch} for {year} take effect?",
            "1 {month_name} {year}",
        ),
    ),
    columns=("Item", "Limit"),
    items=(
        ("Hotel allowance", "{rooms} euros for each night"),
        ("Meals", "{meals} euros for each day"),
        ("Receipts", "{days} days after the return"),
    ),
    item_questions=(
        ("How much is the hotel allowance of the {branch} in {year}?", "{rooms} euros"),
        ("How many euros are paid for meals in the {branch} in {year}?", "{meals} euros"),
    ),
)
_WORDINGS: Final = {"zh": _CHINESE, "en": _ENGLISH}
_MONTHS: Final = ("January", "February", "March", "April", "May", "June", "July")


def files(language: str, layout: str) -> dict[str, bytes]:
    """Return twenty files by name, one for each branch and year."""
    wording = _WORDINGS[language]
    return {
        _file_name(wording, values, layout): _written(wording, values, layout)
        for values in _values(wording)
    }


def questions(language: str, layout: str) -> list[Question]:
    """Return the questions about each of the files."""
    wording = _WORDINGS[language]
    asked = wording.item_questions if layout == "table" else wording.questions
    return [
        Question(
            text.format(**values), _file_name(wording, values, layout), answer.format(**values)
        )
        for values in _values(wording)
        for text, answer in asked
    ]


def _values(wording: _Wording) -> Iterator[Mapping[str, object]]:
    for number, (branch, year) in enumerate(product(wording.branches, YEARS)):
        yield {
            "branch": branch,
            "year": year,
            "rooms": 305 + 15 * number,
            "meals": 51 + 3 * number,
            "days": 6 + number,
            "floor": 2 + number,
            "name": wording.names[(number * 3) % 5],
            "month": 1 + number % 7,
            "month_name": _MONTHS[number % 7],
        }


def _file_name(wording: _Wording, values: Mapping[str, object], layout: str) -> str:
    return wording.title.format(**values) + {"word": ".docx", "flat": ".txt"}.get(layout, ".md")


def _written(wording: _Wording, values: Mapping[str, object], layout: str) -> bytes:
    title = wording.title.format(**values)
    lines = [line.format(**values) for line in wording.lines]
    if layout == "table":
        rows = [
            (name, value.format(**values))
            for name, value in (wording.columns, ("---", "---"), *wording.items)
        ]
        return "\n".join(
            [f"# {title}\n", *lines, "", *(f"| {name} | {value} |" for name, value in rows)]
        ).encode()
    chapters = [
        (name, [said.format(**values) for said in sentences])
        for name, sentences in wording.chapters
    ]
    if layout == "word":
        return docx(_word_body(title, lines, chapters), styles=_STYLES)
    first, second = ("# ", "## ") if layout == "markdown" else ("", "")
    glue = "" if wording is _CHINESE else " "
    parts = [
        first + title,
        *lines,
        *(part for name, said in chapters for part in (second + name, glue.join(said))),
    ]
    return "\n\n".join(parts).encode()


def _word_body(title: str, lines: list[str], chapters: list[tuple[str, list[str]]]) -> str:
    body = [paragraph(title, '<w:pStyle w:val="h1"/>'), *map(paragraph, lines)]
    for name, sentences in chapters:
        body += [paragraph(name, '<w:pStyle w:val="h2"/>'), *map(paragraph, sentences)]
    return "".join(body)
