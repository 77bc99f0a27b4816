"""Leaves TensorFlow out of the serving process.

Rasa imports TensorFlow in two small modules (callback, data_generator) that only training of
neural components uses; our pipeline has none. Standing in for those two modules saves more than
half of the start-up time and of the memory. Training does not use this.
"""

from __future__ import annotations

import sys
from types import ModuleType

STAND_INS = {
    "rasa.utils.tensorflow.callback": ("RasaTrainingLogger", "RasaModelCheckpoint"),
    "rasa.utils.tensorflow.data_generator": ("RasaBatchDataGenerator",),
}


class NeuralTrainingLeftOut:
    """Stands for a training-time class; using it is a mistake and says so."""

    def __init__(self, *_: object, **__: object) -> None:
        raise RuntimeError("This process serves only: neural training was left out (bot/lean.py)")


def leave_tensorflow_out() -> None:
    """Puts the stand-ins in place (不加载 TensorFlow); call before anything imports rasa.core."""
    for name, classes in STAND_INS.items():
        if name not in sys.modules:
            module = ModuleType(name)
            for class_name in classes:
                setattr(module, class_name, NeuralTrainingLeftOut)
            sys.modules[name] = module
