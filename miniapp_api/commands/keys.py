"""`shenban keys`: the keys that seal personal data (数据密钥) — rotate, rewrap."""

from __future__ import annotations

import sys

import typer
from rich.console import Console
from rich.progress import Progress

from miniapp_api.commands.common import checked_settings, stop, with_database
from miniapp_api.platform import key_rotation
from miniapp_api.platform.sealing import sealer_of
from miniapp_api.settings import Settings

app = typer.Typer(help="数据密钥:轮换、换主密钥", no_args_is_help=True)
console = Console(soft_wrap=True)
SHORTEST = 32


@app.command()
def rotate() -> None:
    """换一把新的数据密钥,并用它把加密的数据重新加密;服务不用停。"""
    settings = checked_settings()
    resealed = with_database(settings, lambda: _rotated(settings))
    console.print(f"已换新密钥,重新加密 {resealed} 个值")


@app.command()
def rewrap() -> None:
    """从标准输入读新的主密钥,用它包裹所有数据密钥;之后把它设为 SHENBAN_SECRETS__MASTER_KEY。"""
    settings = checked_settings()
    new = sys.stdin.readline().strip()
    if len(new) < SHORTEST:
        stop(f"主密钥至少要有 {SHORTEST} 个字符")
    count = with_database(settings, lambda: sealer_of(settings).rewrap(new))
    console.print(f"{count} 把数据密钥已用新的主密钥包裹;现在更新主密钥并重启服务")


async def _rotated(settings: Settings) -> int:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("重新加密", total=None)
        return await key_rotation.rotate(
            sealer_of(settings), lambda column, done: progress.update(task, completed=done)
        )
