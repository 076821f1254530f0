"""What the workbook says of its own, in both languages; what it says of the law comes from the specs."""

from __future__ import annotations

from balancedu.core.model import Title

# The cover.
FORM = Title(zh="填报工作簿", en="Workbook to fill in")
STANDARD = Title(zh="标准", en="Standard")
DOCUMENT = Title(zh="文件", en="Document")
ISSUED = Title(zh="印发日期", en="Issued")
SHEET = Title(zh="工作表", en="Sheet")
ROW_IS = Title(zh="一行填写", en="A row is")
ASKED = Title(zh="填报项", en="Entries")
FACT = Title(zh="一项事实，按条目排列", en="one fact, in the order of the items")
HOW = Title(zh="怎样填写", en="How to fill it in")
STEPS = (
    Title(
        zh="每张工作表前两行是名称（单位）和标识，不要改动；从第三行填起，一行一个对象，行数不限。",
        en="The first two rows of each sheet are titles (units) and ids; leave them. Fill in from the third row on, "
        "as many rows as there are.",
    ),
    Title(
        zh="鼠标停在列名上，会显示该列的含义、怎样填、出处和用于哪些条目。",
        en="Rest the mouse on a heading: a note tells what counts, what may be written, the source, and which items "
        "need it.",
    ),
    Title(
        zh="没有填报的和不适用的都空着，只有确实没有才填0。空不等于零，零也不等于空。不要填“无”“/”“—”。",
        en="Leave empty what is not reported and what does not apply. Write 0 only where there really is none: empty "
        "is not zero, and zero is not empty.",
    ),
    Title(
        zh="数字用列名括号里的单位，只写数字。比例可以写98.5%，也可以写0.985。",
        en="Numbers are in the unit that the heading names, digits alone. A share may be written 98.5% or 0.985.",
    ),
    Title(
        zh="有下拉列表的，从列表中选择。是非项选“是”或“否”；“是”表示确有其事，否决项目也一样。",
        en="Where there is a drop-down, choose from it. Yes means that it is the case, for vetoes too.",
    ),
    Title(
        zh="标识按文本保存，001不会变成1。同一所学校在各张工作表里的标识要一致。",
        en="Ids are text: 001 stays 001. A school has the same id in every sheet.",
    ),
    Title(
        zh="只填一个县的，“县”一列可以空着；几个县填在一起的，每一行都要写明是哪个县。",
        en="The county may be left empty where there is one; with several, every row names its own.",
    ),
    Title(
        zh="不要合并单元格，不要加合计行。没有数据的列和工作表留空即可，相应的条目判为待定。",
        en="Merge no cells and add no totals. Columns and sheets without data stay empty; what needs them is then "
        "unknown.",
    ),
    Title(
        zh="填好后保存，运行 balancedu check 检查，改好列出的单元格，再运行 balancedu evaluate 得出结论；"
        "命令后面写本文件的名称。",
        en="Save it, run balancedu check and mend the cells that it lists, then balancedu evaluate gives the verdict; "
        "both are followed by the name of this file.",
    ),
)

# What a cell may hold.
TEXT = Title(zh="文字", en="text")
USUAL = Title(zh="文字，通常为{}", en="text, usually {}")
CHOOSE = Title(zh="从下拉列表中选择：{}", en="choose from the list: {}")
WHOLE = Title(zh="整数", en="a whole number")
NUMBER = Title(zh="数", en="a number")
SHARE = Title(zh="比例，如98.5%", en="a share, such as 98.5%")
AT_LEAST = Title(zh="不小于{}", en="{} or more")
AT_MOST = Title(zh="不大于{}", en="{} or less")
REFUSED = Title(zh="填写有误", en="This cannot be")
FROM_THE_LIST = Title(zh="请从下拉列表中选择。", en="Choose from the list.")
MUST_BE = Title(zh="“{}”应填{}。", en="“{}” must be {}.")

# Notes.
WRITE = Title(zh="填写：{}。", en="Write {}.")
PART_OF = Title(zh="包含在“{}”之内，不能更大。", en="Part of “{}”, which it cannot exceed.")
FROM_COUNTS = Title(
    zh="填了{}的，可以空着，由程序算出。", en="May stay empty where {} are given; it follows from them."
)
SOURCE = Title(zh="出处：{}", en="Source: {}")
NEEDED_BY = Title(zh="用于：{}", en="Needed by: {}")
NOTHING_NEEDS_IT = Title(zh="用于：识别和说明，不参与判定", en="Needed by: no item; it names and describes")

COMMA = Title(zh="、", en=", ")
CLAUSE = Title(zh="，", en=", ")
