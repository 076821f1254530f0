"""The first draft of somebody's own overlay: every field with its meaning, and examples that hold when uncommented."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from balancedu.core.fields import Language, Source, fields_of
from balancedu.core.history import merged_of
from balancedu.core.overlays import Adding, Dropping, Overlay, Setting
from balancedu.core.rules import FactAtLeast, ShareAtLeast, Stated
from balancedu.core.standard import Item, Standard

_ZH: Mapping[str, str] = {
    "Overlay.format": "文件格式的编号，照抄",
    "Overlay.id": "这份要求的名字，用英文字母、数字、- 和 _",
    "Overlay.title": "标题",
    "Overlay.document": "文号，没有文号的写文件标题",
    "Overlay.extends": "在哪个版本（或哪份叠加文件）之上改：写名字",
    "Overlay.after": "在哪些叠加文件之后：它们改过的地方，这里可以再改",
    "Overlay.issued": "发文日期，加引号；不知道就不写",
    "Overlay.source": "整份要求的出处",
    "Overlay.relaxes": "其中的改动是不是放宽（改动自己写了的除外）：是的话，结果同时给出不放宽时的判定",
    "Overlay.from": "从哪一天起有效，加引号；不写就是一直有效",
    "Overlay.until": "到哪一天为止，加引号，含当天",
    "Overlay.drop": "取消什么；最先做",
    "Overlay.set": "改什么",
    "Overlay.add": "加什么；最后做",
    "Setting.path": "改哪个值，如 rules.R-spread.limits.primary；必须是已有的",
    "Setting.value": "改成什么：数还是数，列表还是列表",
    "Setting.source": "出处",
    "Setting.relaxes": "这一处是不是放宽；不写就同整份要求",
    "Setting.from": "从哪一天起这样改",
    "Setting.until": "到哪一天为止",
    "Adding.to": "加到哪个列表，如 parts.guarantee.items；或加到哪组字段",
    "Adding.value": "加的内容，写法同版本里的一样",
    "Adding.key": "加到一组字段时，新字段的名字",
    "Adding.source": "出处；新内容里自己写了的，这里不写",
    "Adding.before": "排在哪一项之前；不写就排最后",
    "Adding.after": "排在哪一项之后",
    "Adding.relaxes": "这一处是不是放宽；不写就同整份要求",
    "Adding.from": "从哪一天起加",
    "Adding.until": "到哪一天为止",
    "Dropping.path": "取消哪一项；必须是已有的",
    "Dropping.reason": "为什么取消",
    "Dropping.source": "出处",
    "Dropping.relaxes": "这一处是不是放宽；不写就同整份要求",
    "Dropping.from": "从哪一天起取消",
    "Dropping.until": "到哪一天为止",
    "Source.document": "文件的文号或标题",
    "Source.part": "在文件的哪一部分",
    "Source.confidence": "把握：S 县里公布的报告印有原文，F 全国申报表及说明，V 几个独立来源一致，O 只有一个来源",
    "Source.note": "读者该知道的",
    "Source.amended": "后来被什么改过；叠加文件会自动写上",
}
_SAID: Mapping[str, Mapping[Language, str]] = {
    "how": {
        "zh": "以“# ”开头的行是例子，去掉行首的“# ”就生效；以“## ”开头的行是说明。用不着的都可以删。",
        "en": "Lines that begin with '# ' are examples: take the '# ' away and they hold. Those with '##' are remarks.",
    },
    "then": {
        "zh": "写好以后核对：balancedu lint {file}    看看改了什么：balancedu diff {base} {file}",
        "en": "When it is written: balancedu lint {file}    to see what it changes: balancedu diff {base} {file}",
    },
    "required": {"zh": "必填", "en": "required"},
    "document": {"zh": "省〔2025〕1号", "en": "Document 1 of 2025"},
    "title": {"zh": "本省的补充要求", "en": "Additional requirements of our province"},
    "again": {"zh": "每一项改动都写明出处（source）：", "en": "Every change says where it comes from (source):"},
    "same": {"zh": "这里写的是现在的值，换成你们的", "en": "this is the value as it is; put yours"},
    "dated": {"zh": "也可以从某一天起才改", "en": "a change may hold from a day on"},
    "item": {
        "zh": "一项新要求，连同它要填报的一个是非题",
        "en": "a new requirement, with the yes/no fact that it needs",
    },
    "item fact": {"zh": "本省要求的事项", "en": "what our province asks for"},
    "veto": {
        "zh": "一项一票否决：expected: false，出现了就不达标",
        "en": "a veto: expected: false, it is not met where the fact is the case",
    },
    "veto fact": {"zh": "本省一票否决的情形", "en": "what must not happen in our province"},
    "drop": {
        "zh": "取消一项，连同只有它用到的填报项",
        "en": "one requirement dropped, with the facts that nothing else needs",
    },
}
_SOURCE = "{{document: {document}, part: {part}, confidence: S}}"


def field_docs(kind: type, lang: Language) -> dict[str, str]:
    """Return what the fields of a part of an overlay mean.

    Examples
    --------
    >>> field_docs(Setting, "zh")["value"]
    '改成什么：数还是数，列表还是列表'
    """
    return {
        name: _ZH[f"{kind.__name__}.{name}"] if lang == "zh" else field.metadata["doc"]
        for name, (field, _) in fields_of(kind).items()
    }


def overlay_skeleton(
    standard: Standard, name: str, *, extends: str, file: str, schema: str = "", lang: Language = "zh"
) -> str:
    """Return the text of a new overlay.

    Parameters
    ----------
    standard : Standard
        What it extends, from which the examples are taken.
    name : str
        Its id.
    extends : str
        What it extends, as its file is to say it.
    file : str
        What its file is called, for the remarks.
    schema : str
        The path of the JSON Schema as seen from the file; empty where there is none.
    """
    writer = _Writer(standard, lang)
    lines = [f"# yaml-language-server: $schema={schema}"] if schema else []
    lines += [writer.remark("how"), f"## {_SAID['then'][lang].format(file=file, base=extends)}", ""]
    lines += [*writer.head(name, extends), "", *writer.sources(), ""]
    for block in (writer.drops(), writer.settings(), writer.additions()):
        lines += [*block, ""]
    return "\n".join(lines)


@attrs.frozen
class _Writer:
    standard: Standard
    lang: Language

    def remark(self, key: str) -> str:
        """Return a remark."""
        return f"## {_SAID[key][self.lang]}"

    def source(self, n: int) -> str:
        """Return an example of a source."""
        part = f"第{'一二三四五'[n]}条" if self.lang == "zh" else f"article {n + 1}"
        return _SOURCE.format(document=_SAID["document"][self.lang], part=part)

    def head(self, name: str, extends: str) -> Iterator[str]:
        """Yield the fields at the top."""
        title = f"{{zh: {_SAID['title']['zh']}, en: {_SAID['title']['en']}}}"
        given = {
            "format": "1",
            "id": name,
            "title": title,
            "document": _SAID["document"][self.lang],
            "extends": extends,
        }
        files = self.standard.files
        if files.overlays and len(files.overlays) - 1 not in merged_of(files).strict:
            given["relaxes"] = "true"
        examples = {
            "after": "[other-overlay]",
            "issued": '"2025-01-01"',
            "source": self.source(0),
            "relaxes": "false",
            "from": '"2025-01-01"',
            "until": '"2099-12-31"',
        }
        docs = field_docs(Overlay, self.lang)
        for field, value in given.items():
            yield f"## {docs[field]}"
            yield f"{field}: {value}"
        for field, value in examples.items():
            if field not in given:
                yield f"## {docs[field]}"
                yield f"# {field}: {value}"

    def sources(self) -> Iterator[str]:
        """Yield what a source says."""
        yield self.remark("again")
        yield from self.fields(Source)

    def fields(self, kind: type) -> Iterator[str]:
        """Yield what may be written in a part of an overlay."""
        needed = {name for name, (field, _) in fields_of(kind).items() if field.default is attrs.NOTHING}
        for name, doc in field_docs(kind, self.lang).items():
            mark = f" ({_SAID['required'][self.lang]})" if name in needed else ""
            yield f"##   {name}: {doc}{mark}"

    def drops(self) -> Iterator[str]:
        """Yield the example of what is dropped."""
        yield f"## {field_docs(Overlay, self.lang)['drop']}"
        yield from self.fields(Dropping)
        found = self._dispensable()
        if found is None:
            return
        item, measures = found
        yield "# drop:"
        yield f"##   {_SAID['drop'][self.lang]}"
        for path in (f"items.{item.id}", *(f"measures.{measure}" for measure in measures)):
            yield f"#   - path: {path}"
            yield "#     reason: {zh: 不再执行, en: no longer in force}"
            yield f"#     source: {self.source(1)}"

    def _dispensable(self) -> tuple[Item, list[str]] | None:
        """Return the first item that nothing but facts of its own depends on."""
        forms = self.standard.forms
        printed = {
            one.item for sheet in (forms.sheets if forms else ()) for block in sheet.blocks for one in block.items
        }
        for part in self.standard.parts.values():
            for item in part.items if len(part.items) > 1 else ():
                needed = [one for one in self.standard.measures.values() if item.id in one.needed_by]
                if item.id not in printed and all(len(one.needed_by) == 1 for one in needed):
                    return item, [one.id for one in needed]
        return None

    def settings(self) -> Iterator[str]:
        """Yield the examples of what is set."""
        yield f"## {field_docs(Overlay, self.lang)['set']}"
        yield from self.fields(Setting)
        examples = list(self._limits())
        if examples:
            yield "# set:"
        for n, (path, value) in enumerate(examples):
            yield f"##   {_SAID['dated' if n else 'same'][self.lang]}"
            yield f"#   - path: {path}"
            yield f"#     value: {value}"
            if n:
                yield '#     from: "2025-09-01"'
            yield f"#     source: {self.source(2 + n)}"

    def _limits(self) -> Iterator[tuple[str, str]]:
        """Yield the path and the value of a limit of an item, and of the standard of an indicator."""
        for item in self.standard.items.values():
            rule = item.rules[0]
            if len(item.rules) == 1 and isinstance(rule, FactAtLeast | ShareAtLeast):
                yield f"rules.{item.id}.at_least", f"{rule.at_least:f}"
                break
        for indicator in self.standard.indicators.values():
            for stage, value in indicator.at_least.items():
                yield f"indicators.{indicator.id}.at_least.{stage}", f"{value:f}"
                return

    def additions(self) -> Iterator[str]:
        """Yield the example of what is added."""
        yield f"## {field_docs(Overlay, self.lang)['add']}"
        yield from self.fields(Adding)
        parts = self.standard.parts.values()
        yield "# add:"
        part = next((one for one in parts if not one.indicators), next(iter(parts)))
        yield from self.addition(part.id, "item", "our_fact", "P1")
        vetoes = [one for one in parts if all(_is_veto(item) for item in one.items)]
        for part in vetoes[:1]:
            yield from self.addition(part.id, "veto", "our_veto", "P2", ", expected: false")

    def addition(self, part: str, what: str, fact: str, item: str, expected: str = "") -> Iterator[str]:
        """Yield a new item, and the yes/no fact that it needs."""
        source, title = self.source(4), f"{{zh: {_SAID[f'{what} fact']['zh']}, en: {_SAID[f'{what} fact']['en']}}}"
        yield f"##   {_SAID[what][self.lang]}"
        yield from (
            "#   - to: measures",
            "#     value:",
            f"#       id: {fact}",
            f"#       title: {title}",
            "#       table: facts",
            "#       type: yes_no",
            f"#       needed_by: [{item}]",
            f"#       source: {source}",
            f"#   - to: parts.{part}.items",
            "#     value:",
            f"#       id: {item}",
            "#       name: {zh: 本省要求, en: our requirement}",
            "#       title: {zh: 要求的原文, en: the wording of the requirement}",
            f"#       source: {source}",
            f"#       rules: [{{rule: stated, facts: [{fact}]{expected}}}]",
        )


def _is_veto(item: Item) -> bool:
    """Return whether an item is met where something has not happened."""
    return all(isinstance(rule, Stated) and not rule.expected for rule in item.rules)


def uncommented(text: str) -> str:
    r"""Return a skeleton with its examples in force.

    Examples
    --------
    >>> uncommented("id: ours\n## what it sets\n# set:\n#   - path: x")
    'id: ours\n## what it sets\nset:\n  - path: x'
    """
    lines = text.split("\n")
    return "\n".join(one[2:] if one.startswith("# ") and "$schema=" not in one else one for one in lines)
