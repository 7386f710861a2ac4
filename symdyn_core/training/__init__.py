"""Training by rollouts: a generator of one record per epoch, resumable to the last bit.

====================  ==========================================================
``settings``          what a run is told (``Settings``) and reports (``Record``)
``objective``         the rollout loss, and the errors of validation rollouts
``devices``           devices and processes, memory layout, repeatability
``checkpoints``       weights, state, log and random numbers on disk
``interruption``      Ctrl-C between steps, never within one
``run``               the state of a run
``loop``              the loop (``train``)
====================  ==========================================================
"""

from symdyn_core.training.loop import train
from symdyn_core.training.settings import Record, Settings

__all__ = ["Record", "Settings", "train"]
