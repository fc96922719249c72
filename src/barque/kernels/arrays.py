"""The types of the flat state, for those who read annotations. Kernels see plain arrays."""

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
