"""`shenban handbook`: check (检查), import (导入), export (导出), show (查看) — for editors."""

from __future__ import annotations

import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Annotated, NoReturn

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from miniapp_api import settings as settings_module
from miniapp_api.guides.catalogue import CatalogueError, read_catalogue
from miniapp_api.guides.checks import Checked, check_folder
from miniapp_api.guides.composer import ABOUT_ITEM
from miniapp_api.guides.handbook import HandbookError
from miniapp_api.guides.importer import ImportReport, import_file, summary
from miniapp_api.guides.mapping import (
    CatalogueMapping,
    MappingError,
    find_mapping,
    load_mapping,
)
from miniapp_api.guides.rows import FORMATS, read_rows
from miniapp_api.guides.schema import schema_is_current, write_schema
from miniapp_api.platform.clock import SystemClock

app = typer.Typer(help="办事手册:检查、导入、导出、查看", no_args_is_help=True)
console = Console(soft_wrap=True)
errors = Console(stderr=True, soft_wrap=True)

PROGRESS_AFTER_SECONDS = 2.0
SHOWN = 20


@app.command()
def check(
    folder: Annotated[Path | None, typer.Argument(help="办事手册文件夹")] = None,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
    write: Annotated[bool, typer.Option("--write-schema", help="重新生成 schema.json")] = False,
) -> None:
    """检查办事手册,逐条报出错误的文件和行号;有错误时退出码为 1。"""
    folder = folder or settings_module.load().data.handbook
    if write:
        console.print(f"已生成 {write_schema(folder)}")
    checked = check_folder(folder, date.today())
    if json:
        typer.echo(_as_json(checked))
    else:
        _print_faults(checked)
        _print_totals(checked)
        if not schema_is_current(folder):
            console.print("[yellow]schema.json 与程序不一致,请加 --write-schema 重新生成[/]")
    raise typer.Exit(1 if checked.errors else 0)


def _as_json(checked: Checked) -> str:
    rows = [
        {"file": f.file, "line": f.line, "level": f.level, "code": f.code, "message": f.message}
        for f in checked.faults
    ]
    totals = {"items": len(checked.items), "errors": checked.errors}
    totals["warnings"] = len(rows) - checked.errors
    return orjson.dumps({"faults": rows, **totals}, option=orjson.OPT_INDENT_2).decode()


def _print_faults(checked: Checked) -> None:
    for fault in checked.faults:
        colour, word = ("red", "错误") if fault.level == "error" else ("yellow", "提醒")
        where = escape(f"{fault.file}:{fault.line}")
        console.print(f"{where}: [{colour}]{word}[/] {escape(fault.message)}")


def _print_totals(checked: Checked) -> None:
    table = Table(title="办事手册")
    table.add_column("内容")
    table.add_column("数量", justify="right")
    windows = [window for plan in checked.windows for window in plan.windows]
    for what, count in (
        ("事项", len(checked.items)),
        ("一件事", len(checked.bundles)),
        ("公告", len(checked.announcements)),
        ("部门", len(checked.departments)),
        ("大厅", len(checked.halls)),
        ("窗口", len(windows)),
        ("主题", len(checked.themes)),
        ("人生事件", len(checked.life_events)),
        ("电子证照", len(checked.certificates)),
        ("错误", checked.errors),
        ("提醒", len(checked.faults) - checked.errors),
    ):
        table.add_row(what, str(count))
    console.print(table)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="目录文件:.jsonl、.tsv 或 .csv")],
    mapping: Annotated[Path | None, typer.Option(help="对照文件;缺省时按列名自动选")] = None,
    into: Annotated[Path | None, typer.Option(help="存到哪个文件夹")] = None,
    json: Annotated[bool, typer.Option("--json", help="只输出汇总 JSON")] = False,
) -> None:
    """导入外地事项目录,逐行收下、修正或退回并说明原因;可重复运行。"""
    settings = settings_module.load()
    folder = into or settings.catalogues
    if not file.is_file():
        _stop(f"没有这个文件:{file}")
    try:
        chosen = load_mapping(mapping) if mapping else _choose(file, settings.data.handbook)
        reserved = _reserved(settings.data.handbook, folder, chosen.name)
        report = _run(file, chosen, folder, reserved)
    except (MappingError, CatalogueError) as error:
        _stop(str(error))
    if json:
        typer.echo(orjson.dumps(summary(report), option=orjson.OPT_INDENT_2).decode())
    else:
        _print_report(report, folder)
    raise typer.Exit(0 if report.taken else 1)


def _stop(message: str) -> NoReturn:
    errors.print(f"[red]{escape(message)}[/]")
    raise typer.Exit(2)


def _choose(file: Path, handbook: Path) -> CatalogueMapping:
    form = FORMATS.get(file.suffix.lower())
    if form is None:
        raise MappingError(f"认不出 {file.name} 的格式,支持:{'、'.join(FORMATS)}")
    first = next((row for row in read_rows(file, form) if row.fault is None), None)
    columns = frozenset(first.fields) if first else frozenset()
    return find_mapping(handbook / "mappings", form, columns)


def _reserved(handbook: Path, folder: Path, name: str) -> frozenset[str]:
    """Codes that an import may not take again: ours, and those of the other catalogues."""
    own = {path.stem for path in (handbook / "items").rglob("*.yaml")}
    others = [path for path in folder.glob("*.jsonl") if path.stem != name]
    return frozenset(own | {item.code for path in others for item in read_catalogue(path)})


def _run(
    file: Path, mapping: CatalogueMapping, folder: Path, reserved: frozenset[str]
) -> ImportReport:
    """Import, with a progress bar once it has taken longer than two seconds."""
    started = time.monotonic()
    columns = (TextColumn("导入 {task.fields[name]}"), BarColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=errors, transient=True)
    task = bar.add_task("import", total=file.stat().st_size, name=file.name)

    def progress(offset: int) -> None:
        if not bar.live.is_started and time.monotonic() - started > PROGRESS_AFTER_SECONDS:
            bar.start()
        bar.update(task, completed=offset)

    try:
        return import_file(
            file, mapping, folder, date.today(), reserved=reserved, progress=progress
        )
    finally:
        bar.stop()


def _print_report(report: ImportReport, folder: Path) -> None:
    changes = report.changes
    console.print(
        f"[bold]{escape(report.label)}[/] 收下 {len(report.taken)} 项"
        f"(新增 {changes['added']}、变更 {changes['changed']}、未变 {changes['unchanged']}),"
        f"退回 {len(report.refused)} 行,来源里已删除 {len(report.removed)} 项。"
    )
    _print_repairs(report)
    _print_some("退回", [f"第 {r.line} 行:{r.reason}" for r in report.refused])
    _print_some("已删除", [f"{code} {name}" for code, name in report.removed])
    same = [f"{name}:第 {'、'.join(map(str, at))} 行" for name, at in report.same_names.items()]
    _print_some("同名(都保留)", same)
    outcome = "已写入" if report.written else "没有变化,未改写"
    console.print(f"{outcome} {folder / report.name}.jsonl")
    console.print(f"逐行报告 {folder / 'reports' / report.name}.jsonl")


def _print_repairs(report: ImportReport) -> None:
    if not report.repairs:
        return
    table = Table(title="修正(原值保留在 extra 里)")
    for heading in ("字段", "怎么改的"):
        table.add_column(heading)
    table.add_column("次数", justify="right")
    for (path, kind), count in report.repairs.most_common():
        table.add_row(path, kind, str(count))
    console.print(table)


def _print_some(title: str, lines: list[str]) -> None:
    for line in lines[:SHOWN]:
        console.print(f"  {title} {escape(line)}")
    if len(lines) > SHOWN:
        console.print(f"  {title} ……共 {len(lines)} 条,其余见报告")


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="写到哪个文件夹:空的,或一份办事手册")],
) -> None:
    """把编辑在网页上发布的指南和公告写回办事手册文件;通不过检查就一个字也不写。"""
    # They load the database's library: slow, and only needed here.
    from miniapp_api.commands.common import checked_settings, with_database
    from miniapp_api.guides.editing import exporting

    settings = checked_settings()
    guides = with_database(settings, exporting.published)
    try:
        done = exporting.export(settings.data.handbook, folder, guides, date.today())
    except exporting.NoHandbook as error:
        _stop(str(error))
    if done.faults:
        for fault in done.faults[:SHOWN]:
            errors.print(f"{escape(f'{fault.file}:{fault.line}')}: {escape(fault.message)}")
        _stop(f"检查出 {len(done.faults)} 处错误,没有写")
    console.print(
        f"写了 {len(done.written)} 份,{done.unchanged} 份没有变化,"
        f"{len(done.newer)} 份文件的版本更高,没有动"
    )
    _print_some("写了", [str(path) for path in done.written])
    _print_some("换了主题,删掉", [str(path) for path in done.removed])


@app.command()
def show(
    words: Annotated[str, typer.Argument(help="事项编码,或市民会说的话;不写则列出主题")] = "",
    aspect: Annotated[str, typer.Option(help="看哪方面:overview、materials、fee……")] = "overview",
) -> None:
    """看一个事项会怎样回答市民。"""
    from miniapp_api.guides import offline  # loads the search engine: slow, and only needed here

    settings = settings_module.load()
    folder = settings.data.handbook
    try:
        if not words:
            _print_themes(offline.count_themes(folder))
            return
        clock = SystemClock(settings.city.timezone)
        answer = offline.explain(folder, settings.catalogues, words, _aspect(aspect), clock)
    except (HandbookError, CatalogueError) as error:
        _stop(str(error))
    if answer is None:
        _stop(f"没有找到“{words}”")
    console.print(escape(answer))


def _aspect(name: str) -> str:
    if name not in ABOUT_ITEM:
        _stop(f"没有这方面,可用:{'、'.join(ABOUT_ITEM)}")
    return name


def _print_themes(counts: Counter[str]) -> None:
    table = Table(title="主题")
    table.add_column("主题")
    table.add_column("事项数", justify="right")
    for name, count in counts.items():
        table.add_row(name, str(count))
    console.print(table)
