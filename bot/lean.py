"""Leaves TensorFlow out of the bot's processes.

Rasa imports TensorFlow in a few modules of neural components; our pipeline and policies have none.
Stand-ins for those modules save more than half of the start-up time and of the memory. A component
that needs TensorFlow would say so at once (NeuralComponentLeftOut): then remove this module.
"""

from __future__ import annotations

import sys
from types import ModuleType

STAND_INS = {
    # imported by Rasa's core, at serving as well
    "rasa.utils.tensorflow.callback": ("RasaTrainingLogger", "RasaModelCheckpoint"),
    "rasa.utils.tensorflow.data_generator": ("RasaBatchDataGenerator",),
    # imported by the recipe and its validator, at training only
    "rasa.nlu.classifiers.diet_classifier": ("DIETClassifier",),
    "rasa.nlu.selectors.response_selector": ("ResponseSelector",),
    "rasa.core.policies.ted_policy": ("TEDPolicy",),
}
# the recipe's list of its own components: only the policy that config.yml names is registered
DEFAULT_COMPONENTS = "rasa.engine.recipes.default_components"


def _stand_in(name: str) -> type:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError(f"NeuralComponentLeftOut: {name} (bot/lean.py)")

    return type(name, (), {"__init__": refuse})


def leave_tensorflow_out() -> None:
    """Puts the stand-ins in place (不加载 TensorFlow); call before anything imports rasa.core."""
    for name, classes in STAND_INS.items():
        module = ModuleType(name)
        for class_name in classes:
            setattr(module, class_name, _stand_in(class_name))
        sys.modules.setdefault(name, module)


def register_rule_policy_only() -> None:
    """For training: registers RulePolicy without the recipe's neural components."""
    from rasa.core.policies.rule_policy import RulePolicy

    module = ModuleType(DEFAULT_COMPONENTS)
    module.DEFAULT_COMPONENTS = [RulePolicy]  # type: ignore[attr-defined]
    sys.modules.setdefault(DEFAULT_COMPONENTS, module)
