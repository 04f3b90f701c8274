"""What MLflow runs to load a registered RIFT model: code, so that nothing has to be unpickled."""

from rift.tracking import RuptureModel, set_model

set_model(RuptureModel())
