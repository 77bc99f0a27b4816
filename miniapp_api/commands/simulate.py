"""`shenban simulate`: play a day of the hall and compare policies and slot sizes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.progress import Progress

from miniapp_api.appointments import plan as plans
from miniapp_api.appointments.plan import Opening
from miniapp_api.appointments.plans import from_handbook
from miniapp_api.commands.common import checked_settings, console
from miniapp_api.guides.handbook import Handbook, load_handbook
from miniapp_api.hall import rules
from miniapp_api.hall.simulation import Assumptions, QueueSpec, Simulation, people_of
from miniapp_api.hall.simulation_report import Run, picture, table

POLICIES = ("fair", "appointments_first", "first_come", "alternating")
SLOT_SIZES = (15, 30, 60)
EXPECTED_MINUTES = 15.0


def queue_specs(handbook: Handbook) -> list[QueueSpec]:
    """Return every queue of the main hall, with the mean service time of its items."""
    minutes: dict[str, list[int]] = {}
    for item in handbook.own:
        for hall, queue in handbook.places(item):
            if hall.id == handbook.main_hall and item.duration_minutes:
                minutes.setdefault(queue.id, []).append(item.duration_minutes)
    return [
        QueueSpec(
            queue.id,
            len(queue.windows),
            sum(minutes[queue.id]) / len(minutes[queue.id])
            if queue.id in minutes
            else EXPECTED_MINUTES,
            queue.appointment_capacity_per_window_per_slot * len(queue.windows),
        )
        for queue in handbook.floor_plan(handbook.main_hall).queues.values()
    ]


def opening_hours(handbook: Handbook, today: date) -> tuple[date, tuple[Opening, ...]]:
    """Return the next working day and its hours, by the handbook's plan."""
    plan = from_handbook(handbook.hall)
    queues = list(handbook.floor_plan(handbook.main_hall).queues)
    day = next(plans.working_days(plan, queues, today - timedelta(days=1), handbook.calendar))
    return day, plans.hours(plan, queues[0], day, handbook.calendar).openings


def run(seed: int, out: Path) -> None:
    """Play the days, show the table, write <out>/simulation.md and <out>/images/simulation.svg."""
    settings = checked_settings()
    handbook = load_handbook(settings.data.handbook)
    queues = queue_specs(handbook)
    day, openings = opening_hours(handbook, datetime.now(ZoneInfo(settings.city.timezone)).date())
    assumed = Assumptions()
    wanted = [(policy, 30) for policy in POLICIES]
    wanted += [("fair", size) for size in SLOT_SIZES if size != 30]
    runs = []
    with Progress(console=console) as progress:
        task = progress.add_task("仿真", total=len(wanted))
        for policy, size in wanted:
            people = people_of(queues, openings, size, seed, assumed)
            simulation = Simulation(queues, openings, rules.POLICIES[policy], day, assumed, seed)
            runs.append(Run(policy, size, simulation.run(people)))
            progress.advance(task)
    text = table(runs, seed)
    (out / "images").mkdir(parents=True, exist_ok=True)
    (out / "simulation.md").write_text(text, encoding="utf-8")
    windows = sum(queue.windows for queue in queues)
    shown = [run for run in runs if run.slot_minutes == 30]
    picture(shown, windows, openings[0].start.hour, out / "images" / "simulation.svg")
    console.print(text, markup=False, highlight=False)
