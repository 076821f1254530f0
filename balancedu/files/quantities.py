"""What kind of quantity words name: count, area, money, per pupil, share, and of whom."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from balancedu.core.fields import plain

_WORDS: tuple[tuple[str, ...], ...] = (
    (
        "生均",
        "人均",
        "平均",
        "每百名",
        "每百",
        "百名学生",
        "每生",
        "师均",
        "生师比",
        "师生比",
        "每班",
        "perpupil",
        "per100",
    ),
    ("占比", "比例", "比率", "率", "百分比", "share", "rate", "ratio"),
    ("是否", "有无", "达标"),
    ("研究生", "硕士", "博士", "master", "doctor"),
    ("本科", "bachelor"),
    ("专科", "大专", "college"),
    ("专科及以上", "本科及以上", "大专及以上", "以上学历", "degreeorabove"),
    ("高于规定", "规定学历", "高学历", "学历高于", "国家规定学历", "requireddegree"),
    ("骨干", "backbone"),
    ("市级", "省级", "国家级", "校级", "provincial", "national"),
    ("兼职", "走教", "交流", "轮岗", "parttime", "rotat"),
    ("体育", "体艺", "艺体", "体音美", "音体美", "pe"),
    ("艺术", "体艺", "艺体", "arts"),
    ("音乐", "音美", "体音美", "音体美", "music"),
    ("美术", "音美", "体音美", "音体美"),
    ("室内", "体育馆", "风雨操场", "indoor"),
    ("室外", "操场", "活动场", "outdoor"),
    ("运动场", "体育场", "运动场地", "体育场地", "sportsground", "grounds"),
    ("占地", "用地", "land"),
    ("校舍", "建筑物"),
    ("教学及辅助", "教辅用房", "教学辅助", "教学及教学辅助", "教学与辅助", "auxiliary"),
    ("教学用房",),
    ("多媒体", "网络", "multimedia"),
    ("仪器", "设备", "equipment"),
    ("固定资产",),
    ("图书", "藏书", "book"),
    ("计算机", "电脑", "computer"),
    ("公用经费", "publicfunds"),
    ("培训", "training"),
    ("特殊教育", "特教", "残疾", "special", "disabled"),
    ("随迁", "进城务工", "migrant"),
    ("留守",),
    ("寄宿", "住宿", "boarding"),
    ("女", "female"),
    ("教职工", "职工", "staff"),
    ("高中学历", "高中阶段", "高中及以下", "高中阶段以下"),
    ("毕业", "graduat"),
    ("招生", "入学", "新生"),
    ("转入", "transferredin"),
    ("转出", "transferredout"),
    ("死亡", "death"),
    ("资格证", "持证", "certif"),
    ("工资", "收入", "salary"),
    ("公务员", "civil"),
    ("满意", "satisf"),
    ("租赁", "租借", "校外", "周边", "rent"),
    ("其他", "其它", "other"),
    ("起始", "entry"),
    ("建校", "建成", "built"),
    ("超大", "大班额", "标准班", "人以上", "人以下"),
)
"""What tells quantities apart that share other words: a header and a measure agree in each of them, or differ."""
_COUNTED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("money", ("经费", "资产", "设备值", "价值", "工资", "收入", "总值", "funds", "value", "salary", "yuan")),
    ("area", ("面积", "平方米", "用房", "场地", "运动场", "场馆", "area", "m2", "grounds")),
    ("schools", ("学校数", "学校个数", "学校所数")),
    ("rooms", ("间数", "教室", "rooms", "classrooms")),
    ("teachers", ("教师", "师资", "teacher")),
    ("classes", ("班级数", "班数", "班级个数", "班级总数", "教学班", "classes")),
    ("pupils", ("学生", "在校生", "班额", "人数", "儿童", "pupil", "student", "enrol")),
    ("name", ("名称", "校名", "name")),
    ("id", ("标识", "代码", "编码", "编号", "id", "code")),
    ("type", ("类型", "类别", "type", "kind")),
)


@functools.lru_cache(maxsize=4096)
def kind_of(text: str) -> tuple[str, frozenset[str]]:
    """Return what words count, and what tells them from other quantities that are called nearly so.

    Examples
    --------
    >>> kind_of("教学及辅助用房面积") == kind_of("教学及辅助用房建筑面积")
    True
    >>> kind_of("生均教学及辅助用房面积（㎡）") == kind_of("教学及辅助用房面积")
    False
    """
    word = plain(text).replace("名额", "指标")
    included = next((name for name, words in _COUNTED if any(entry in word for entry in words)), "")
    qualities = {words[0] for words in _WORDS if any(entry in word for entry in words)}
    if {"体育", "音乐"} <= qualities:
        # Music and art are the arts.
        qualities.add("艺术")
    return included, frozenset(qualities - {"音乐", "美术"} if "艺术" in qualities else qualities)


def same_kind(text: str, names: Iterable[str]) -> bool:
    """Return whether words may name the quantity that has these names: they count the same, of the same.

    Examples
    --------
    >>> same_kind("专科学历教师数", ["小学高于规定学历教师数"]), same_kind("骨干教师总数", ["骨干教师数"])
    (False, True)
    """
    included, qualities = kind_of(text)
    return any(qualities == other and (included == kind or not included) for kind, other in map(kind_of, names))
