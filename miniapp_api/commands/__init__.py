"""The `shenban` command: one entry point for citizens' terminals, editors and operators."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

# Modules beside this one, each with commands of its own.
GROUPS = ("handbook", "staff", "audit", "keys")


class Commands(TyperGroup):
    """The commands; groups are loaded when they are called, to start quickly."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Name every command."""
        return [*super().list_commands(ctx), *GROUPS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command by name."""
        if cmd_name not in GROUPS:
            return super().get_command(ctx, cmd_name)
        group = import_module(f"miniapp_api.commands.{cmd_name}")
        command = typer.main.get_command(group.app)
        command.name = cmd_name
        return command


app = typer.Typer(cls=Commands, help="沈办：一座城市的移动政务服务。", no_args_is_help=True)


@app.command()
def serve() -> None:
    """Start everything: PostgreSQL, Redis, the API, Rasa and its action server."""
    from miniapp_api.commands.serve import serve as run

    raise typer.Exit(run())


@app.command()
def api() -> None:
    """Start one API process group alone, against the configured servers."""
    from miniapp_api.commands.api import run

    run()


@app.command()
def chat(
    phone: Annotated[
        str, typer.Option(help="登录用的手机号；短信由本机的模拟网关接收")
    ] = "13800138000",
    url: Annotated[str, typer.Option(help="API 的地址；默认取 config.yaml")] = "",
    script: Annotated[Path | None, typer.Option(help="逐行说出这个文件里的话")] = None,
    picture: Annotated[Path | None, typer.Option(help="结束时把对话存成 SVG 图片")] = None,
    anonymous: Annotated[bool, typer.Option(help="不登录，只问不约")] = False,
) -> None:
    """Talk to the assistant in the terminal."""
    from miniapp_api.commands.chat import talk

    raise typer.Exit(talk(url, None if anonymous else phone, script, picture))


@app.command()
def train() -> None:
    """Train the assistant's model now, if its inputs changed."""
    from miniapp_api.commands.serve import train as run

    raise typer.Exit(run())


@app.command()
def evaluate(
    queries: Annotated[str, typer.Argument(help="表头为 text aspect item 的制表符文件")],
) -> None:
    """Measure how well sentences are understood over the handbook."""
    import runpy
    import sys

    sys.argv = ["intents.evaluate", "handbook", "--queries", queries]
    runpy.run_module("intents.evaluate", run_name="__main__")


@app.command()
def simulate(
    seed: Annotated[int, typer.Option(help="随机种子：同一个种子，同样的人来")] = 1,
    out: Annotated[Path, typer.Option(help="写到哪个文件夹")] = Path("docs"),
) -> None:
    """Play a day of the hall and compare queueing policies and slot sizes."""
    from miniapp_api.commands.simulate import run

    run(seed, out)


@app.command()
def seed(
    cases: Annotated[int, typer.Option(min=1, help="一共要有多少件样例")],
    among_real: Annotated[bool, typer.Option("--among-real", help="库里有真实办件也照造")] = False,
) -> None:
    """Fill a development database with made-up cases; an interrupted run is continued."""
    from miniapp_api.commands.seed import run

    run(cases, among_real=among_real)


@app.command()
def openapi(
    out: Annotated[Path, typer.Argument(help="写到哪个文件")] = Path("miniapp/openapi.json"),
) -> None:
    """Write the OpenAPI document that the client's types are generated from."""
    from miniapp_api.commands.openapi import write

    write(out)


@app.command(hidden=True)
def fakes() -> None:
    """Run our own stand-ins for WeChat, SMS, identity check and others, for development."""
    from miniapp_api.commands.fakes import run

    run()


if __name__ == "__main__":
    app()
