"""`shenban audit`: prove that nobody touched the audit trail (审计日志)."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from miniapp_api.commands.common import checked_settings, stop, with_database
from miniapp_api.platform import audit_chain
from miniapp_api.platform.audit_chain import Verdict

app = typer.Typer(help="审计日志:核验", no_args_is_help=True)
console = Console(soft_wrap=True)
SHOWN = 20


@app.callback()
def _group() -> None:
    """审计日志。"""


@app.command()
def verify(
    witness: Annotated[
        str, typer.Option(help="日志里 audit_checkpoint 记下的 witness,核对检查点还在")
    ] = "",
) -> None:
    """核验审计日志:每一条都没有被改、被删、被插入。"""
    verdict = with_database(checked_settings(), lambda: _verified(witness))
    if verdict.faults:
        shown = "\n".join(verdict.faults[:SHOWN])
        stop(f"审计日志不可信,{verdict.faults_found} 处问题:\n{shown}")
    console.print(
        f"审计日志完好:{verdict.entries} 条,{verdict.chains} 条链,{verdict.checkpoints} 个检查点"
    )
    if verdict.witness:
        console.print(f"最近检查点 {verdict.witness}", highlight=False)


async def _verified(witness: str) -> Verdict:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("核验审计日志", total=await audit_chain.count())
        verdict = await audit_chain.verify(lambda done: progress.update(task, completed=done))
    if witness and not await audit_chain.has_checkpoint(witness):
        verdict.add("日志里记下的检查点不在了")
    return verdict
